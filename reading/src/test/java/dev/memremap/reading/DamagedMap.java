// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * What happens to a map on its way into a ticket: damages that can follow one another in any order,
 * but for a cut, which comes last.
 */
enum DamagedMap {
  INDENTED {
    @Override
    String apply(String text, RandomGenerator random) {
      String shift = " ".repeat(1 + random.nextInt(8));
      return eachLine(text, line -> shift + line);
    }
  },
  LEVELS {
    @Override
    String apply(String text, RandomGenerator random) {
      int step = List.of(1, 3, 4, 6).get(random.nextInt(4));
      return eachLine(
          text,
          line -> {
            String bare = line.stripLeading();
            return " ".repeat((line.length() - bare.length()) * step / 2) + bare;
          });
    }
  },
  FLAT {
    @Override
    String apply(String text, RandomGenerator random) {
      return eachLine(text, String::stripLeading);
    }
  },
  FIRST_LINE {
    @Override
    String apply(String text, RandomGenerator random) {
      return text.stripLeading();
    }
  },
  TABS {
    @Override
    String apply(String text, RandomGenerator random) {
      String tab = random.nextBoolean() ? "  " : "        ";
      return eachLine(
          text,
          line -> {
            String bare = line.stripLeading();
            String indent = line.substring(0, line.length() - bare.length());
            return indent.replace(tab, "\t") + bare;
          });
    }
  },
  QUOTED {
    @Override
    String apply(String text, RandomGenerator random) {
      return eachLine(text, line -> "> " + line);
    }
  },
  LOGGED {
    @Override
    String apply(String text, RandomGenerator random) {
      String prefix =
          List.of(
                  "[   12.345678] ",
                  "kernel: ",
                  "Nov  3 10:11:12 host kernel: [    3.141592] ",
                  "2026-11-03T10:11:12+0100 host kernel: ",
                  "<6>[    0.000000] ")
              .get(random.nextInt(5));
      return eachLine(text, line -> prefix + line);
    }
  },
  NUMBERED {
    @Override
    String apply(String text, RandomGenerator random) {
      List<String> lines = new ArrayList<>();
      int number = 0;
      for (String line : text.split("\n", -1)) {
        number++;
        lines.add(line.isEmpty() ? line : number + (random.nextBoolean() ? ":" : "-") + line);
      }
      return String.join("\n", lines);
    }
  },
  PROMPT {
    @Override
    String apply(String text, RandomGenerator random) {
      String prompt =
          List.of("root@host:~# ", "[root@host ~]# ", "user@host:~$ sudo ", "$ ", "# ", "/ # ")
              .get(random.nextInt(6));
      return prompt + "cat /proc/iomem\n" + text;
    }
  },
  DASHES {
    @Override
    String apply(String text, RandomGenerator random) {
      return between(text, "--", random);
    }
  },
  DOTS {
    @Override
    String apply(String text, RandomGenerator random) {
      return between(text, "...", random);
    }
  },
  BLANK_LINES {
    @Override
    String apply(String text, RandomGenerator random) {
      return switch (random.nextInt(3)) {
        case 0 -> "\n" + text;
        case 1 -> text + "\n";
        default -> between(text, "", random);
      };
    }
  },
  CARRIAGE_RETURNS {
    @Override
    String apply(String text, RandomGenerator random) {
      return text.replace("\n", "\r\n");
    }
  },
  BYTE_ORDER_MARK {
    @Override
    String apply(String text, RandomGenerator random) {
      return "\uFEFF" + text;
    }
  },
  UPPER_CASE {
    @Override
    String apply(String text, RandomGenerator random) {
      return eachLine(
          text,
          line -> {
            int colon = line.indexOf(" : ");
            boolean isFact = line.contains("#");
            return colon < 0 || isFact
                ? line
                : upperAddresses(line.substring(0, colon)) + line.substring(colon);
          });
    }
  },
  /** Within a line: what is lost behind a whole line leaves no trace. */
  CUT {
    @Override
    String apply(String text, RandomGenerator random) {
      int end = random.nextInt(1, text.length());
      return cutWithin(text, end);
    }
  };

  abstract String apply(String text, RandomGenerator random);

  private static String eachLine(String text, java.util.function.UnaryOperator<String> change) {
    List<String> lines = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      lines.add(line.isEmpty() ? line : change.apply(line));
    }
    return String.join("\n", lines);
  }

  private static String between(String text, String line, RandomGenerator random) {
    List<String> lines = new ArrayList<>(List.of(text.split("\n", -1)));
    lines.add(random.nextInt(lines.size()), line);
    return String.join("\n", lines);
  }

  private static String cutWithin(String text, int at) {
    int end = at;
    while (end < text.length() && text.charAt(end - 1) == '\n') {
      end++;
    }
    return text.substring(0, end);
  }

  /** The last two words of digits, so that prefixes stay as they are. */
  private static String upperAddresses(String head) {
    int begin = head.length();
    while (begin > 0 && "0123456789abcdefABCDEF-".indexOf(head.charAt(begin - 1)) >= 0) {
      begin--;
    }
    return head.substring(0, begin) + head.substring(begin).toUpperCase(Locale.ROOT);
  }
}
