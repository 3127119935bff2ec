// SPDX-License-Identifier: Apache-2.0
package dev.memremap.stress;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The command line of a stress program. */
@Command
final class Arguments {
  private static final long MOST_SECONDS = 1_000_000;
  private static final int MOST_THREADS = 1_000;
  private static final long MOST_ROUNDS = 1_000_000_000;

  @Option(names = "--seconds")
  private long seconds = 60;

  @Option(names = "--threads")
  private int threads;

  @Option(names = "--rounds")
  private long rounds = 1_000;

  @Option(names = "--operations")
  private long operations = 100_000;

  @Option(names = "--seed")
  private long seed = Long.getLong("dev.memremap.seed", System.nanoTime());

  private Arguments(int threads) {
    this.threads = threads;
  }

  /**
   * Reads it. What is wrong with it is said in one sentence, and ends the program with status 2.
   *
   * @param threads how many there are where the command line does not say
   */
  static Arguments parse(String[] args, int threads) {
    Arguments arguments = new Arguments(threads);
    CommandLine line = new CommandLine(arguments);
    try {
      line.parseArgs(args);
      check(line, "--seconds", arguments.seconds, MOST_SECONDS);
      check(line, "--threads", arguments.threads, MOST_THREADS);
      check(line, "--rounds", arguments.rounds, MOST_ROUNDS);
      check(line, "--operations", arguments.operations, MOST_ROUNDS);
    } catch (ParameterException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    }
    return arguments;
  }

  private static void check(CommandLine line, String name, long number, long most) {
    if (number < 1 || number > most) {
      throw new ParameterException(
          line, "%s is from 1 to %d, not %d".formatted(name, most, number));
    }
  }

  /** How long the program runs. */
  long seconds() {
    return seconds;
  }

  /** How many threads read, or hold. */
  int threads() {
    return threads;
  }

  /** How many rounds it takes. */
  long rounds() {
    return rounds;
  }

  /** How many gets and puts are tried in all rounds. */
  long operations() {
    return operations;
  }

  /** What random numbers are drawn from. */
  long seed() {
    return seed;
  }
}
