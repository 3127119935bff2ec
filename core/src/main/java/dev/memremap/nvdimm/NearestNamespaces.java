// SPDX-License-Identifier: Apache-2.0
package dev.memremap.nvdimm;

import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Requests near a refused one that are granted. One change is tried first, each of a short list;
 * where no single one is enough, another one is tried on top of each.
 */
final class NearestNamespaces {
  private static final int MAX_OFFERED = 4;
  private static final int MAX_CHANGES = 3;

  /** Each try is at least a sixteenth larger, and structures take a sixty-fourth. */
  private static final int MAX_GROWTHS = 8;

  private NearestNamespaces() {}

  static List<NamespaceRequest> of(NamespaceRequest refused, PageGeometry pages) {
    Set<NamespaceRequest> tried = new LinkedHashSet<>(List.of(refused));
    List<NamespaceRequest> granted = List.of();
    for (int changes = 0; changes < MAX_CHANGES && granted.isEmpty(); changes++) {
      Set<NamespaceRequest> next = new LinkedHashSet<>();
      tried.forEach(request -> next.addAll(changed(request, pages)));
      granted =
          next.stream().filter(request -> isGranted(request, pages)).limit(MAX_OFFERED).toList();
      tried = next;
    }
    return granted;
  }

  private static boolean isGranted(NamespaceRequest request, PageGeometry pages) {
    return new NamespaceRules(request, pages).refusal() == null;
  }

  private static List<NamespaceRequest> changed(NamespaceRequest request, PageGeometry pages) {
    NamespaceRules rules = new NamespaceRules(request, pages);
    List<NamespaceRequest> all = new ArrayList<>();
    resize(request, rules, all);
    if (request.sizeBytes() != 0) {
      all.add(request.size(0));
      all.add(request.labels(true));
    }
    if (request.alignBytes() != 0) {
      all.add(request.align(0));
    }
    all.add(request.regionAlign(request.regionAlignBytes() == 0 ? rules.compatAlign() : 0));
    move(request, rules.compatAlign(), all);
    return all;
  }

  /** The next smaller and the next larger size that is granted as it is otherwise. */
  private static void resize(
      NamespaceRequest request, NamespaceRules rules, List<NamespaceRequest> all) {
    boolean divides = request.labels() && request.sizeBytes() != 0;
    long size = divides ? request.sizeBytes() : request.region().sizeBytes();
    long step = Math.max(rules.regionAlign(), request.alignBytes());
    step = Math.max(step, NamespaceRules.COMMON_ALIGN);
    if (Long.bitCount(step) != 1) {
      return;
    }
    long room = request.region().sizeBytes();
    long bytes = (Long.compareUnsigned(size, room) < 0 ? size : room) & -step;
    for (int growth = 0; growth <= MAX_GROWTHS && bytes >= 0; growth++) {
      if (bytes != 0 && bytes != size) {
        NamespaceRequest resized =
            divides
                ? request.size(bytes)
                : request.in(new PhysRange(request.region().start(), end(request, bytes)));
        all.add(resized);
        if (growth > 0 && isGranted(resized, rules.pages())) {
          return;
        }
      }
      bytes = (bytes + bytes / 16 + step) & -step;
    }
  }

  /** The last byte of so many from the region's start on, or of all addresses. */
  private static long end(NamespaceRequest request, long bytes) {
    long start = request.region().start();
    long end = start + bytes - 1;
    return Long.compareUnsigned(end, start) < 0 ? -1 : end;
  }

  /** The region moved down, and up, to an address that a mapping can begin at. */
  private static void move(NamespaceRequest request, long align, List<NamespaceRequest> all) {
    PhysRange region = request.region();
    long below = region.start() & -align;
    if (below == region.start()) {
      return;
    }
    long moved = region.start() - below;
    all.add(request.in(new PhysRange(below, region.endInclusive() - moved)));
    long end = region.endInclusive() + align - moved;
    if (Long.compareUnsigned(end, region.endInclusive()) > 0) {
      all.add(request.in(new PhysRange(below + align, end)));
    }
  }
}
