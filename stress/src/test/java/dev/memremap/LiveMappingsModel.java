// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.remap.Remapper;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.RemapPlan;
import dev.memremap.rule.MemremapException;
import dev.memremap.spi.Backing;
import dev.memremap.spi.MappedBytes;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;

/**
 * The list of a machine's live mappings while mappings are made, closed and swept out of it: none
 * that is open is lost, whether a reader looks meanwhile or afterwards.
 *
 * <p>A reader is only promised the mappings that were open before it began and stay open, so a
 * reader's answer is whether it finds those.
 */
public class LiveMappingsModel {
  private static final Remapper.Remapped SLICE = slice();

  private final Mapping.Live live = new Mapping.Live();
  private final AtomicInteger made = new AtomicInteger();
  private final List<Mapping> closable;
  private final Mapping kept;

  /** A list of three open mappings. */
  public LiveMappingsModel() {
    this(0);
  }

  /** A list of three open mappings, and so many closed ones. */
  LiveMappingsModel(int closed) {
    kept = added();
    closable = List.of(added(), added());
    for (int i = 0; i < closed; i++) {
      added().close();
    }
  }

  private Mapping added() {
    Mapping mapping = new Mapping(SLICE, null, null);
    live.add(mapping);
    return mapping;
  }

  /** Makes a mapping that stays open. */
  @Operation
  public void add() {
    added();
    made.incrementAndGet();
  }

  /** Closes one of two mappings. */
  @Operation
  public void close(@Param(gen = IntGen.class, conf = "0:1") int which) {
    closable.get(which).close();
  }

  /** Whether a reader finds the mapping that is never closed. */
  @Operation
  public boolean finds() {
    return live.all().contains(kept);
  }

  /** All that are open are found in the end, and none else. */
  @Validate
  public void allAreFound() {
    int open = 1 + made.get();
    for (Mapping mapping : closable) {
      open += mapping.isOpen() ? 1 : 0;
    }
    Set<Mapping> found = live.all();
    if (found.size() != open) {
      throw new IllegalStateException(
          "%d mappings are open, and %d found".formatted(open, found.size()));
    }
  }

  private static Remapper.Remapped slice() {
    RemapPlan.Grant grant =
        new RemapPlan.Grant(MemremapFlag.WB, CacheMode.WB, CacheMode.WB, true, false, "");
    RemapPlan plan =
        RemapPlan.granted(
            new RemapPlan.Request(0x1000, 0x1000, MemremapFlag.WB.bit(), List::of),
            List.of(),
            grant);
    MappedBytes bytes =
        new MappedBytes(MemorySegment.ofArray(new long[1]), CacheMode.WB, new NoBacking());
    return new Remapper.Remapped(plan, bytes, null, null);
  }

  /** Stands behind bytes that nothing accesses. */
  private record NoBacking() implements Backing {
    @Override
    public String name() {
      return "nothing";
    }

    @Override
    public void persist(MemorySegment mapped, long offset, long length) {}

    @Override
    public void drain() {}

    @Override
    public MemremapException lost(InternalError error) {
      throw error;
    }
  }
}
