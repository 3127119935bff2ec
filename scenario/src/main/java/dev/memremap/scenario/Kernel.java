// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.rule.Rule;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The kernel whose recorded answers ours are compared with.
 *
 * <p>Thread safety: immutable.
 *
 * @param version {@code 6.1} or {@code 5.10}, for example
 */
public record Kernel(String version) {
  private static final Pattern VERSION = Pattern.compile("[0-9]{1,3}\\.[0-9]{1,3}");
  private static final String EXTENSION = ".scenario";

  /** The kernel whose answers the contract follows; its answers are those without a version. */
  public static final Kernel FOLLOWED = new Kernel("6.1");

  /** Checks the version. */
  public Kernel {
    if (!VERSION.matcher(version).matches()) {
      throw new IllegalArgumentException(
          "%s is not a kernel's version: 6.1 or 5.10, for example".formatted(Word.quoted(version)));
    }
  }

  /** Whether this is the kernel the contract follows. */
  public boolean isFollowed() {
    return equals(FOLLOWED);
  }

  /** The file of this kernel's answers, beside the scenario: {@code NAME.answers[-VERSION]}. */
  public Path answersOf(Path scenario) {
    return scenario.resolveSibling(
        nameOf(scenario) + ".answers" + (isFollowed() ? "" : "-" + version));
  }

  /** A scenario's NAME: its file name without the extension. */
  static String nameOf(Path scenario) {
    String file = String.valueOf(scenario.getFileName());
    return file.endsWith(EXTENSION) ? file.substring(0, file.length() - EXTENSION.length()) : file;
  }

  /**
   * C-12, where this kernel's answer is known to differ from that of the kernel we follow. What
   * this says about other kernels' page maps is said here and nowhere else.
   *
   * @param operation what was asked
   * @param ours our answer's text
   * @param theirs this kernel's
   */
  Optional<Rule> differsFromFollowed(Operation operation, String ours, String theirs) {
    boolean beyondAddressable =
        operation instanceof PagemapOperation.RemapPages
            && ours.equals("error EINVAL")
            && theirs.equals("error E2BIG");
    return version.equals("5.10") && beyondAddressable ? Optional.of(Rule.C_12) : Optional.empty();
  }
}
