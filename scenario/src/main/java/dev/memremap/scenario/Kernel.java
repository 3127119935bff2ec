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
   * C-12, where this kernel's answer is known to differ from that of the kernel we follow. What
   * this says about other kernels' page maps is said here and nowhere else.
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
        switch (operation) {
          case PagemapOperation.RemapPages remap ->
              remapDiffers(pgmap(scenario, remap.name()), ours, theirs);
          // it waits for a caller's reference, too
          case PagemapOperation.UnmapPages unmap ->
              waits(ours, theirs) && bringsReference(scenario, unmap.name());
          case DeviceOperation.DeviceRelease release ->
              waits(ours, theirs)
                  && scenario.operations().stream()
                      .anyMatch(
                          other ->
                              other instanceof PagemapOperation.RemapPages remap
                                  && remap.device().filter(release.name()::equals).isPresent()
                                  && bringsReference(scenario, remap.name()));
          default -> false;
        };
    return differs ? Optional.of(Rule.C_12) : Optional.empty();
  }

  private static boolean waits(String ours, String theirs) {
    return ours.equals("ok") && theirs.equals("busy");
  }

  private static boolean bringsReference(Scenario scenario, String name) {
    return pgmap(scenario, name).ref().isPresent();
  }

  /**
   * C-12, D-11: whether this kernel, though it answers the same, is left in another state: it kills
   * and exits a caller's reference when the map fails, if it comes to look at the ranges at all.
   */
  boolean partsFromFollowed(Scenario scenario, Operation operation, String answer) {
    return version.equals("5.10")
        && operation instanceof PagemapOperation.RemapPages remap
        && answer.startsWith("error ")
        && failsAfterItsOwnChecks(pgmap(scenario, remap.name()));
  }

  private static boolean failsAfterItsOwnChecks(PagemapOperation.Pgmap map) {
    return map.ref().isPresent()
        && map.type() != PagemapOperation.Type.PRIVATE
        && map.type() != PagemapOperation.Type.COHERENT;
  }

  private static boolean remapDiffers(PagemapOperation.Pgmap map, String ours, String theirs) {
    boolean beyondAddressable = ours.equals("error EINVAL") && theirs.equals("error E2BIG");
    boolean notThere =
        theirs.equals("error EINVAL")
            && (map.type() == PagemapOperation.Type.COHERENT
                || map.type() == PagemapOperation.Type.PRIVATE
                || map.vmemmapShift() != 0);
    boolean deadReferenceAccepted = map.ref().isPresent() && ours.equals("error EINVAL");
    return beyondAddressable || notThere || deadReferenceAccepted;
  }

  private static PagemapOperation.Pgmap pgmap(Scenario scenario, String name) {
    return scenario.operations().stream()
        .filter(PagemapOperation.Pgmap.class::isInstance)
        .map(PagemapOperation.Pgmap.class::cast)
        .filter(map -> map.name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
