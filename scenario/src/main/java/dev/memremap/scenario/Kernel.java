// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.page.MemoryType;
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

  /** Whether this is such a version, or a later one. */
  public boolean isAtLeast(int major, int minor) {
    String[] parts = version.split("\\.", -1);
    int ours = Integer.parseInt(parts[0]);
    return ours > major || (ours == major && Integer.parseInt(parts[1]) >= minor);
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
   * C-12, where this kernel's answer is known to differ from that of the kernel we follow. Only
   * this place knows how other kernels' page maps differ.
   *
   * @param scenario what the operation is part of
   * @param operation what was asked
   * @param ours our answer's text
   * @param theirs this kernel's
   */
  Optional<Rule> differsFromFollowed(
      Scenario scenario, Operation operation, String ours, String theirs) {
    if (!version.equals("5.10")) {
      return Optional.empty();
    }
    boolean differs =
        switch (operation.verb()) {
          case REMAP_PAGES -> remapDiffers(mapOf(scenario, operation), ours, theirs);
          // it waits for a caller's reference, too
          case UNMAP_PAGES -> waits(ours, theirs) && bringsReference(scenario, operation);
          case DEVICE_RELEASE ->
              waits(ours, theirs)
                  && scenario.operations().stream()
                      .anyMatch(
                          other ->
                              other.verb() == Verb.REMAP_PAGES
                                  && other.names().containsAll(operation.names())
                                  && bringsReference(scenario, other));
          default -> false;
        };
    return differs ? Optional.of(Rule.C_12) : Optional.empty();
  }

  private static boolean waits(String ours, String theirs) {
    return ours.equals("ok") && theirs.equals("busy");
  }

  private static boolean bringsReference(Scenario scenario, Operation onMap) {
    return mapOf(scenario, onMap).ref().isPresent();
  }

  /**
   * C-12, D-11: whether this kernel, though it answers the same, is left in another state: it kills
   * and exits a caller's reference when the map fails, if it comes to look at the ranges at all.
   */
  boolean partsFromFollowed(Scenario scenario, Operation operation, String answer) {
    return version.equals("5.10")
        && operation.verb() == Verb.REMAP_PAGES
        && answer.startsWith("error ")
        && failsAfterItsOwnChecks(mapOf(scenario, operation));
  }

  private static boolean failsAfterItsOwnChecks(Arguments.Pgmap map) {
    return map.ref().isPresent() && !map.isOf(MemoryType.PRIVATE) && !map.isOf(MemoryType.COHERENT);
  }

  private static boolean remapDiffers(Arguments.Pgmap map, String ours, String theirs) {
    boolean beyondAddressable = ours.equals("error EINVAL") && theirs.equals("error E2BIG");
    boolean notThere =
        theirs.equals("error EINVAL")
            && (map.isOf(MemoryType.COHERENT)
                || map.isOf(MemoryType.PRIVATE)
                || map.vmemmapShift() != 0);
    boolean deadReferenceAccepted = map.ref().isPresent() && ours.equals("error EINVAL");
    return beyondAddressable || notThere || deadReferenceAccepted;
  }

  /** The map that an operation on a map names first. */
  private static Arguments.Pgmap mapOf(Scenario scenario, Operation operation) {
    return scenario.map(operation.names().getFirst()).orElseThrow();
  }
}
