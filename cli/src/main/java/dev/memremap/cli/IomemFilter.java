// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.terminal.UsageException;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceKind;
import dev.memremap.resource.ResourceSnapshot;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which resources of a machine are shown.
 *
 * @param at only those that share a byte with this range; null for all
 * @param kinds only those of these kinds; none for all
 */
record IomemFilter(@Nullable PhysRange at, Set<ResourceKind> kinds) {

  /**
   * Kinds by their names, separated by commas, in either case and with - or _.
   *
   * @throws UsageException if a kind is unknown
   */
  static Set<ResourceKind> kinds(String names) {
    Set<ResourceKind> kinds = EnumSet.noneOf(ResourceKind.class);
    for (String name : names.split(",", -1)) {
      try {
        kinds.add(ResourceKind.valueOf(name.strip().toUpperCase(Locale.ROOT).replace('-', '_')));
      } catch (IllegalArgumentException e) {
        throw new UsageException(
            "no kind of resource '%s'; 'memremap iomem -o KIND,NAME' lists the kinds on a machine"
                .formatted(name),
            e);
      }
    }
    return kinds;
  }

  /** Whether every resource is shown. */
  boolean isAll() {
    return at == null && kinds.isEmpty();
  }

  /** Whether a resource is of a kind that is shown, wherever it lies. */
  boolean isOfKind(Resource resource) {
    return kinds.isEmpty() || kinds.contains(resource.kind());
  }

  boolean shows(Resource resource) {
    return (at == null || resource.range().overlaps(at))
        && (kinds.isEmpty() || kinds.contains(resource.kind()));
  }

  /** Those that are shown, in the order of {@code /proc/iomem}. */
  List<Listed.At> in(ResourceSnapshot resources) {
    List<Listed.At> shown = new ArrayList<>();
    resources.walk(
        (resource, depth) -> {
          if (shows(resource)) {
            shown.add(new Listed.At(resource, depth));
          }
        });
    return shown;
  }

  /** That nothing is shown, as a sentence. */
  String nothing() {
    String kind =
        kinds.isEmpty()
            ? ""
            : " of kind " + String.join(" or ", kinds.stream().map(Enum::name).toList());
    return at == null
        ? "the machine has no resource" + kind
        : "no resource%s lies at %s".formatted(kind, Words.judged(at.start(), at.sizeBytes()));
  }
}
