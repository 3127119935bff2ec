// SPDX-License-Identifier: Apache-2.0
package dev.memremap.stress;

import java.util.List;

/**
 * The command line of a stress program: names, each with a number. What is wrong with it is said in
 * one sentence, and ends the program with status 2.
 */
final class Arguments {
  private final String[] args;

  /** Refuses what is none of these names with its number. */
  Arguments(String[] args, List<String> names) {
    this.args = args.clone();
    for (int i = 0; i < args.length; i += 2) {
      if (!names.contains(args[i]) || i + 1 == args.length) {
        refuse("'%s' is none of %s with its number".formatted(args[i], names));
      }
    }
  }

  /** A number from 1 on. */
  long positive(String name, long otherwise, long most) {
    long number = number(name, otherwise);
    if (number < 1 || number > most) {
      refuse("%s is from 1 to %d, not %d".formatted(name, most, number));
    }
    return number;
  }

  /** Any number. */
  long number(String name, long otherwise) {
    for (int i = 0; i < args.length; i += 2) {
      if (args[i].equals(name)) {
        try {
          return Long.parseLong(args[i + 1]);
        } catch (NumberFormatException e) {
          refuse("%s needs a whole number, not '%s'".formatted(name, args[i + 1]));
        }
      }
    }
    return otherwise;
  }

  private static void refuse(String sentence) {
    System.err.println(sentence);
    System.exit(2);
  }
}
