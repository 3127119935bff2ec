// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.Machine;
import dev.memremap.page.MemoryType;
import dev.memremap.rule.Fact;
import dev.memremap.rule.Rule;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The kernel whose answers ours are compared with.
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

  /** The kernel whose rules a machine follows. */
  static Kernel of(Machine machine) {
    return machine.description().facts().stream()
        .filter(known -> known.fact() == Fact.KERNEL_RULES)
        .findFirst()
        .map(known -> new Kernel(known.value()))
        .orElse(FOLLOWED);
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

  /** Whether a lookup has a hint: later kernels put what it would have held, and look it up. */
  boolean takesHints() {
    return !isAtLeast(6, 18);
  }

  /**
   * Where this kernel's answer is known to be another than ours, though our machine follows it: a
   * map with its caller's reference (D-20), and what Debian's kernel was built without (C-12). Only
   * this place knows.
   *
   * @param scenario what the operation is part of
   * @param operation what was asked
   * @param ours our answer's text
   * @param theirs this kernel's
   */
  Optional<Rule> departure(Scenario scenario, Operation operation, String ours, String theirs) {
    if (!takesCallersReference()) {
      return Optional.empty();
    }
    return switch (operation.verb()) {
      case REMAP_PAGES -> ofRemap(mapOf(scenario, operation), ours, theirs);
      // it waits for a caller's reference, too
      case UNMAP_PAGES -> d20(waits(ours, theirs) && bringsReference(scenario, operation));
      case DEVICE_RELEASE ->
          d20(
              waits(ours, theirs)
                  && scenario.operations().stream()
                      .anyMatch(
                          other ->
                              other.verb() == Verb.REMAP_PAGES
                                  && other.names().containsAll(operation.names())
                                  && bringsReference(scenario, other)));
      default -> Optional.empty();
    };
  }

  /** The member that was the caller's reference went away in 5.17. */
  private boolean takesCallersReference() {
    return !isAtLeast(5, 17);
  }

  private static Optional<Rule> d20(boolean departs) {
    return departs ? Optional.of(Rule.D_20) : Optional.empty();
  }

  private static boolean waits(String ours, String theirs) {
    return ours.equals("ok") && theirs.equals("busy");
  }

  private static boolean bringsReference(Scenario scenario, Operation onMap) {
    return mapOf(scenario, onMap).ref().isPresent();
  }

  private static Optional<Rule> ofRemap(Arguments.Pgmap map, String ours, String theirs) {
    if (theirs.equals("error EINVAL") && map.isOf(MemoryType.PRIVATE)) {
      // answers that were recorded have its refusal; a kernel that is asked now says unsupported
      return Optional.of(Rule.C_12);
    }
    // a reference that is dead already
    return d20(map.ref().isPresent() && ours.equals("error EINVAL"));
  }

  /**
   * D-20: whether this kernel, though it answers the same, is left in another state: it kills and
   * exits a caller's reference when the map fails, if it comes to look at the ranges at all.
   */
  boolean endsReference(Scenario scenario, Operation operation, String answer) {
    return takesCallersReference()
        && operation.verb() == Verb.REMAP_PAGES
        && answer.startsWith("error ")
        && failsAfterItsOwnChecks(mapOf(scenario, operation));
  }

  private static boolean failsAfterItsOwnChecks(Arguments.Pgmap map) {
    return map.ref().isPresent() && !map.isOf(MemoryType.PRIVATE) && !map.isOf(MemoryType.COHERENT);
  }

  /** The map that an operation on a map names first. */
  private static Arguments.Pgmap mapOf(Scenario scenario, Operation operation) {
    return scenario.map(operation.names().getFirst()).orElseThrow();
  }
}
