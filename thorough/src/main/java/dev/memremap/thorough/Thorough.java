// SPDX-License-Identifier: Apache-2.0
package dev.memremap.thorough;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs one share of the long tests, a piece after the other, and says of each what it gave. The
 * profile {@code thorough} starts it; CONTRIBUTING says how.
 *
 * <p>Arguments: the checkout's folder; the share, as {@code k/n}, as {@code commit}, or as {@code
 * list}, which only prints all shares; the class path of JUnit's launcher, which {@code list} does
 * without. System property {@code dev.memremap.seed}: passed on to every piece, unless it is empty.
 * Exit status: 0 if all held, 1 if a piece failed, 2 for bad input.
 */
public final class Thorough {
  private static final int LAST_LINES = 60;
  private static final String SEED = "dev.memremap.seed";

  private final Path root;
  private final PrintStream out;
  private final List<Piece> pieces;

  private Thorough(Path root, List<Piece> pieces, PrintStream out) {
    this.root = root;
    this.pieces = pieces;
    this.out = out;
  }

  /** Runs a share; see the class. */
  public static void main(String[] args) throws InterruptedException {
    System.exit(run(args, System.out, System.err));
  }

  static int run(String[] args, PrintStream out, PrintStream errors) throws InterruptedException {
    boolean isList = args.length >= 2 && args[1].equals("list");
    if (args.length < 2 || args.length > 3 || (args.length == 2 && !isList)) {
      errors.println(
          "write FOLDER list, or FOLDER SHARE CLASSPATH: the checkout, k/n or commit, and the class"
              + " path of JUnit's launcher");
      return 2;
    }
    Path root = Path.of(args[0]).toAbsolutePath().normalize();
    try {
      String launcher = args.length == 3 ? args[2] : "";
      Thorough thorough = new Thorough(root, new Catalogue(launcher).pieces(), out);
      if (isList) {
        thorough.list();
        return 0;
      }
      return thorough.run(thorough.share(args[1])) ? 0 : 1;
    } catch (IllegalArgumentException | IOException e) {
      errors.println(e.getMessage());
      return 2;
    }
  }

  private Share share(String written) throws IOException, InterruptedException {
    return written.equals(Share.OF_COMMIT)
        ? Share.ofCommit(commit(), Shares.count(pieces))
        : Share.parse(written);
  }

  private String commit() throws IOException, InterruptedException {
    Process git =
        new ProcessBuilder("git", "-C", root.toString(), "rev-parse", "HEAD")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String hash = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (git.waitFor() != 0) {
      throw new IOException("-Dshare=commit needs a git checkout, and " + root + " is not one");
    }
    return hash;
  }

  private void list() {
    int count = Shares.count(pieces);
    List<List<Piece>> shares = Shares.cut(pieces, count);
    for (int i = 0; i < count; i++) {
      out.printf("share %d/%d, about %d s%n", i + 1, count, Shares.seconds(shares.get(i)));
      shares.get(i).forEach(piece -> out.printf("  %4d s  %s%n", piece.seconds(), piece.name()));
    }
    out.printf("all shares: about %d min%n", Shares.seconds(pieces) / 60);
  }

  /** Whether every piece of the share held. One that fails does not stop the others. */
  private boolean run(Share share) throws IOException, InterruptedException {
    List<Piece> chosen = Shares.chosen(pieces, share);
    out.printf(
        "thorough: share %s, %d pieces, about %d s on two quiet cores%n",
        share, chosen.size(), Shares.seconds(chosen));
    Path logs = Files.createDirectories(root.resolve("thorough/target/pieces"));
    List<String> java = java(System.getProperty(SEED, ""));
    List<PieceRun> runs = new ArrayList<>();
    for (Piece piece : chosen) {
      Path log = logs.resolve(logOf(piece));
      PieceRun run = PieceRun.of(piece, root, java, log);
      runs.add(run);
      out.println(run);
      if (!run.holds()) {
        tail(run.output());
        out.println("all it wrote is in " + log);
      }
    }
    out.printf(
        "%d passed, %d failed, %d skipped%n",
        runs.stream().mapToInt(PieceRun::passed).sum()
            + runs.stream().filter(run -> run.passed() == 0 && run.holds()).count(),
        runs.stream().mapToInt(PieceRun::failed).sum()
            + runs.stream().filter(run -> run.failed() == 0 && !run.holds()).count(),
        runs.stream().mapToInt(PieceRun::notRun).sum());
    return runs.stream().allMatch(PieceRun::holds);
  }

  /**
   * The program that starts a JVM, and the option by which it draws with a seed.
   *
   * @param seed empty for none
   */
  static List<String> java(String seed) {
    String program = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return seed.isEmpty() ? List.of(program) : List.of(program, "-D" + SEED + "=" + seed);
  }

  /** The name of the file that keeps what a piece writes. */
  static String logOf(Piece piece) {
    return piece.name().replaceAll("[^A-Za-z0-9]+", "-") + ".log";
  }

  private void tail(String output) {
    List<String> lines = output.lines().toList();
    lines
        .subList(Math.max(0, lines.size() - LAST_LINES), lines.size())
        .forEach(line -> out.println("  " + line));
  }
}
