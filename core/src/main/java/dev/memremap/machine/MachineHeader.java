// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Fact;
import dev.memremap.rule.PlainText;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The lines at the head of a machine file that begin with {@code #}. {@code # KEY=VALUE} states a
 * fact; any other is a comment.
 *
 * @param source the file's name, for messages
 * @param lines the header's lines, without their line ends
 * @param rest the text after the header
 */
record MachineHeader(String source, List<String> lines, InputStream rest) {
  private static final Pattern FACT = Pattern.compile("#[ \t]*([a-z][a-z0-9-]*)=(\\S*)[ \t]*");

  /**
   * {@code # recorded: phys-bits from /proc/cpuinfo, mtrr from /proc/mtrr}: a comment, not a key.
   */
  private static final Pattern RECORDED = Pattern.compile("#[ \t]*recorded:[ \t]*(.*)");

  private static final Pattern RECORDED_FACT = Pattern.compile("([a-z-]+) from (.+)");

  /** Follows a source that left a part to be assumed. */
  private static final String IN_PART = " without the default type";

  /** Follows it if the default type was assumed to be write-back instead of uncachable. */
  private static final String WRITE_BACK = " (assumed to be write-back)";

  /** What a terminal or an editor does not show as a character of a line. */
  private static final int MAX_LINES = 10_000;

  private static final int MAX_LINE_BYTES = 65_536;

  static MachineHeader read(InputStream in, String source) throws IOException {
    BufferedInputStream rest = new BufferedInputStream(in);
    List<String> lines = new ArrayList<>();
    while (true) {
      rest.mark(1);
      int first = rest.read();
      if (first != '#') {
        if (first >= 0) {
          rest.reset();
        }
        return new MachineHeader(source, lines, rest);
      }
      lines.add(line(rest, source, lines.size() + 1));
      if (lines.size() > MAX_LINES) {
        throw new IllegalArgumentException(
            "%s:%d: the header has more than %d lines; this is not a machine file"
                .formatted(source, lines.size(), MAX_LINES));
      }
    }
  }

  private static String line(InputStream rest, String source, int number) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write('#');
    for (int b = rest.read(); b >= 0 && b != '\n'; b = rest.read()) {
      bytes.write(b);
      if (bytes.size() > MAX_LINE_BYTES) {
        throw new IllegalArgumentException(
            "%s:%d: the line has more than %d bytes; this is not a machine file"
                .formatted(source, number, MAX_LINE_BYTES));
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "%s:%d: the line is not UTF-8; save the file as UTF-8 text".formatted(source, number), e);
    }
  }

  MachineDescription applyTo(MachineDescription description) {
    MachineDescription result = description;
    Set<String> seen = new HashSet<>();
    Set<String> registers = new HashSet<>();
    List<MachineDescription.Bar> bars = new ArrayList<>();
    Map<Fact, String> recorded = new EnumMap<>(Fact.class);
    for (String line : lines) {
      Matcher origins = RECORDED.matcher(line.stripTrailing());
      if (origins.matches()) {
        note(origins.group(1), recorded);
      }
    }
    for (int i = 0; i < lines.size(); i++) {
      Matcher fact = FACT.matcher(lines.get(i).stripTrailing());
      if (!fact.matches()) {
        continue;
      }
      String key = fact.group(1);
      try {
        if (!seen.add(key) && !MachineKey.of(key).isRepeatable()) {
          throw new IllegalArgumentException("the key '" + key + "' is given twice; keep one");
        }
        if (MachineKey.of(key) == MachineKey.BAR) {
          MachineDescription.Bar bar = MachineKey.bar(fact.group(2));
          bar.requireNew(registers);
          bar.requireListedIn(description.root());
          bars.add(bar);
        } else {
          result = result.with(key, fact.group(2), origin(MachineKey.of(key), recorded));
        }
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("%s:%d: %s".formatted(source, i + 1, e.getMessage()), e);
      }
    }
    if (!bars.isEmpty()) {
      // at once: each copy of a description checks all its BARs
      result = result.withBars(bars, MachineDescription.Origin.STATED);
    }
    if (result.origins().containsKey(Fact.DRIVERS) && recorded.containsKey(Fact.BARS)) {
      // earlier records name the place of the drivers' lines alone
      recorded.putIfAbsent(Fact.DRIVERS, recorded.get(Fact.BARS));
    }
    for (Map.Entry<Fact, String> each : recorded.entrySet()) {
      result = withOrigin(result, each.getKey(), each.getValue());
    }
    return result;
  }

  private static MachineDescription.Origin origin(MachineKey key, Map<Fact, String> recorded) {
    Fact fact = key.fact();
    String from = fact == null ? null : recorded.get(fact);
    return from == null
        ? MachineDescription.Origin.STATED
        : new MachineDescription.Origin(Fact.Source.RECORDED, from);
  }

  /** Notes where each fact was read; the last place counts for a fact that is named twice. */
  private static void note(String written, Map<Fact, String> recorded) {
    for (String each : written.split(", ", -1)) {
      Matcher matcher = RECORDED_FACT.matcher(each);
      if (matcher.matches()) {
        Stream.of(Fact.values())
            .filter(fact -> fact.id().equals(matcher.group(1)))
            .forEach(fact -> recorded.put(fact, matcher.group(2)));
      }
    }
  }

  /** A fact that the header states is a recorded one if the header says where it was read. */
  private static MachineDescription withOrigin(
      MachineDescription description, Fact fact, String from) {
    if (!isWritten(fact, description)) {
      return description;
    }
    MachineDescription.Origin origin = new MachineDescription.Origin(Fact.Source.RECORDED, from);
    MachineDescription.Mtrrs mtrrs = description.mtrrs();
    if (fact == Fact.MTRRS && mtrrs != null && isInPart(from)) {
      // under a write-back default all that is uncachable is so by a register
      List<PhysRange> registers = from.endsWith(WRITE_BACK) ? mtrrs.uncachable() : List.of();
      return description.withMtrrs(
          new MachineDescription.Mtrrs(mtrrs.off(), mtrrs.uncachable(), registers), origin);
    }
    return description.with(fact, origin);
  }

  private static boolean isInPart(String from) {
    return from.endsWith(IN_PART) || from.endsWith(IN_PART + WRITE_BACK);
  }

  /** Where a fact was read, and which part was assumed. */
  private static String from(
      Fact fact, MachineDescription.Origin origin, MachineDescription description) {
    MachineDescription.Mtrrs mtrrs = description.mtrrs();
    if (fact != Fact.MTRRS
        || mtrrs == null
        || mtrrs.registers() == null
        || isInPart(origin.from())) {
      return origin.from();
    }
    boolean isUncachable = FactList.isDefaultUncachable(mtrrs, description.lastAddress());
    return origin.from() + IN_PART + (isUncachable ? "" : WRITE_BACK);
  }

  /** Where the facts were read that are written as keys; empty if none was. */
  private static String recorded(MachineDescription description) {
    List<String> written = new ArrayList<>();
    for (Fact fact : Fact.values()) {
      MachineDescription.Origin origin = description.origins().get(fact);
      if (origin != null && isRead(origin) && isWritten(fact, description)) {
        String from = from(fact, origin, description);
        written.add(fact.id() + " from " + oneLine(from.replace(", ", "; ")));
      }
    }
    return written.isEmpty() ? "" : "# recorded: " + String.join(", ", written) + "\n";
  }

  /**
   * A file's name may have any characters; those that would end the line are written as numbers.
   */
  private static String oneLine(String name) {
    StringBuilder line = new StringBuilder();
    for (int point : name.codePoints().toArray()) {
      if (PlainText.isCommand(point)) {
        line.append("\\x%02x".formatted(point));
      } else {
        line.appendCodePoint(point);
      }
    }
    return line.toString();
  }

  private static boolean isRead(MachineDescription.Origin origin) {
    return origin.source() == Fact.Source.READ || origin.source() == Fact.Source.RECORDED;
  }

  /** Whether the header has a line that says it; those of BARs say which drivers there are. */
  private static boolean isWritten(Fact fact, MachineDescription description) {
    if (fact == Fact.DRIVERS) {
      return !description.bars().isEmpty();
    }
    return Stream.of(MachineKey.values())
        .anyMatch(key -> key.fact() == fact && !key.values(description).isEmpty());
  }

  static String format(MachineDescription description) {
    StringBuilder text = new StringBuilder(recorded(description));
    for (MachineKey key : MachineKey.values()) {
      for (String value : key.values(description)) {
        text.append("# ").append(key.id()).append('=').append(value).append('\n');
      }
    }
    return text.toString();
  }
}
