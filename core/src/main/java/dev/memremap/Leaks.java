// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.LeakException.Leak;
import dev.memremap.LeakException.Leak.Kind;
import dev.memremap.internal.pages.PagemapLife;
import dev.memremap.ref.Holder;
import dev.memremap.ref.PercpuRef;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Collects what a strict machine finds open when it closes.
 *
 * <p>Thread safety: used by the one thread that closes the machine.
 */
final class Leaks {
  private final List<Leak> found = new ArrayList<>();

  /** Adds what is still mapped once the devices are released. */
  void addMapped(
      Collection<Mapping> mappings, LiveRegisters registers, Collection<PagemapLife> pagemaps) {
    mappings.forEach(mapping -> add(Kind.MAPPING, mapping.toString(), mapping.frames()));
    registers
        .all()
        .forEach(each -> add(Kind.REGISTERS, "registers " + each.range(), registers.madeAt(each)));
    for (PagemapLife life : pagemaps) {
      if (life.manager() == null && !life.isUnmapped()) {
        add(Kind.PAGEMAP, life.toString(), life.madeAt());
      }
    }
  }

  /** Adds the holders of the page maps that still drain once all were unmapped. */
  void addHeld(Collection<PagemapLife> draining) {
    Set<PercpuRef> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (PagemapLife life : draining) {
      List<Holder> holds = life.holdHolders();
      addHolders(Kind.HOLD, "hold of " + life, holds);
      if (seen.add(life.ref())) {
        // one reference of the user's may be that of several maps
        List<Holder> references = life.ref().holders();
        addHolders(Kind.REFERENCE, "reference to " + life, references);
        long untraced = life.outsideReferences() - count(holds) - count(references);
        if (untraced > 0) {
          add(Kind.REFERENCE, counted(untraced, "reference to " + life), List.of());
        }
      }
    }
  }

  private void addHolders(Kind kind, String what, List<Holder> holders) {
    for (Holder holder : holders) {
      add(kind, counted(holder.count(), what) + " of thread " + holder.thread(), holder.frames());
    }
  }

  private static long count(List<Holder> holders) {
    return holders.stream().mapToLong(Holder::count).sum();
  }

  private static String counted(long count, String what) {
    return count == 1 ? what : "%d × %s".formatted(count, what);
  }

  private void add(Kind kind, String what, List<String> madeAt) {
    found.add(new Leak(kind, what, madeAt));
  }

  /**
   * Throws if anything was found.
   *
   * @throws LeakException naming all of it
   */
  void rethrow() {
    if (!found.isEmpty()) {
      throw new LeakException(found);
    }
  }
}
