// SPDX-License-Identifier: Apache-2.0
import dev.memremap.cli.MemremapCommand;

/**
 * Runs several command lines in one JVM, for the launcher: what they load is kept in a cache that
 * later starts begin from.
 */
public final class Rehearsal {
  private Rehearsal() {}

  /**
   * Runs each argument as a command line.
   *
   * @param args command lines, the words of each separated by line feeds
   */
  public static void main(String[] args) {
    for (String line : args) {
      MemremapCommand.run(line.split("\n", -1));
    }
    // as the command ends: leaving by exit loads classes of its own
    System.exit(0);
  }
}
