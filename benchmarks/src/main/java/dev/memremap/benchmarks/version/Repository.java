// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.version;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A git repository, asked by git itself.
 *
 * <p>Thread safety: immutable.
 *
 * @param folder the top of its working tree; of a folder below it, git would archive that alone
 */
public record Repository(Path folder) {
  /** Digits of a hash that are printed. */
  private static final int SHORT = 12;

  /** The repository that these classes were built in, if they lie in one. */
  public static Optional<Repository> ofTheseClasses() throws InterruptedException {
    try {
      Path code =
          Path.of(Repository.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      Repository inside = new Repository(code.resolveSibling(".").normalize());
      return Optional.of(new Repository(Path.of(inside.git("rev-parse", "--show-toplevel"))));
    } catch (IOException | URISyntaxException outside) {
      return Optional.empty();
    }
  }

  /** The commit that is checked out, in short, with {@code +} if tracked files differ from it. */
  public String head() throws IOException, InterruptedException {
    String head = shortened(git("rev-parse", "HEAD"));
    return git("status", "--porcelain", "--untracked-files=no").isEmpty() ? head : head + "+";
  }

  /**
   * The full hash of a commit.
   *
   * @param name a hash, a branch, a tag, or what else git takes for a commit
   */
  public Optional<String> commit(String name) throws InterruptedException {
    if (name.startsWith("-")) {
      return Optional.empty();
    }
    try {
      return Optional.of(git("rev-parse", "--verify", "--quiet", name + "^{commit}"));
    } catch (IOException unknown) {
      return Optional.empty();
    }
  }

  /**
   * Writes all files of a commit into a folder. Neither the working tree nor the index changes.
   *
   * @param hash a full hash
   * @param into an empty folder
   */
  public void extract(String hash, Path into) throws IOException, InterruptedException {
    List<Process> pipe =
        ProcessBuilder.startPipeline(
            List.of(
                command("archive", "--format=tar", hash),
                new ProcessBuilder("tar", "-x", "-C", into.toString())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)));
    for (Process process : pipe) {
      if (process.waitFor() != 0) {
        throw new IOException("the files of " + shortened(hash) + " cannot be unpacked");
      }
    }
  }

  /** As many digits of a hash as are printed. */
  public static String shortened(String hash) {
    return hash.substring(0, Math.min(SHORT, hash.length()));
  }

  private ProcessBuilder command(String... words) {
    List<String> command = new ArrayList<>(List.of("git", "-C", folder.toString()));
    command.addAll(List.of(words));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
  }

  private String git(String... words) throws IOException, InterruptedException {
    Process process = command(words).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("git " + words[0] + " failed in " + folder);
    }
    return said.strip();
  }
}
