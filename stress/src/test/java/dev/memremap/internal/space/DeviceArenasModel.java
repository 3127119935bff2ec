// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.space;

import dev.memremap.cache.CacheMode;
import dev.memremap.cache.Pat;
import dev.memremap.internal.arch.Platform;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.internal.memtype.MemtypeTable;
import dev.memremap.internal.memtype.Mtrrs;
import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.spi.AccessPath;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.PhysicalMemory;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/**
 * LIB-1: the arenas that a device's mappings share, while mappings are made, closed and given up,
 * and the device is released. Afterwards the quota has all of its mappings back, every table entry
 * was given back once, and as many mappings as were closed early count as left behind.
 */
public class DeviceArenasModel {
  private static final Platform PLATFORM =
      Platform.of(MachineDescription.parse("00001000-0fffffff : System RAM\n"));

  /** A device may leave a quarter of the quota behind. */
  private static final int MOST_LEFT = 4;

  private final MappedRegion.Quota quota = new MappedRegion.Quota(4 * MOST_LEFT, "the model");
  private final AtomicInteger entries = new AtomicInteger();
  private final DeviceArenas arenas;

  /** A device that nothing is mapped through yet. */
  public DeviceArenasModel() {
    ResourceTree resources =
        ResourceTree.of(Resource.memoryRoot(), PageGeometry.X86_64, KernelRules.LINUX_6_1);
    AddressSpace space =
        new AddressSpace(resources, memtypes(resources), new NoMemory(), quota, PLATFORM);
    arenas = new DeviceArenas(space, "model");
  }

  private MappedRegion region() {
    MappedRegion region = arenas.region();
    entries.incrementAndGet();
    region.holds(entries::decrementAndGet);
    return region;
  }

  /** Makes a mapping and closes it. */
  @Operation
  public void mapAndClose() {
    region().close("a mapping");
  }

  /** Announces a mapping and gives it up. */
  @Operation
  public void mapAndAbandon() {
    region().abandon();
  }

  /** Releases the device. */
  @Operation
  public void release() {
    arenas.endRelease(arenas.beginRelease());
  }

  /** What there was is given back, and the next life of the device begins as the first did. */
  @Validate
  public void allIsGivenBack() {
    requireAllGivenBack();
    // one that stays open keeps the bytes of those that are closed
    MappedRegion open = region();
    for (int i = 0; i < MOST_LEFT - 1; i++) {
      mapAndClose();
    }
    require(isShared(), "too few were left behind, and counted as too many");
    mapAndClose();
    require(!isShared(), "too many were left behind, and not counted");
    open.close("a mapping");
    requireAllGivenBack();
  }

  private void requireAllGivenBack() {
    release();
    require(quota.taken() == 0, "%d of the quota stay taken".formatted(quota.taken()));
    require(entries.get() == 0, "%d table entries stay".formatted(entries.get()));
  }

  /** Whether the next two mappings share an arena. */
  private boolean isShared() {
    MappedRegion first = arenas.region();
    MappedRegion second = arenas.region();
    boolean shared = first.arena() == second.arena();
    second.abandon();
    first.abandon();
    return shared;
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }

  private static MemtypeTable memtypes(ResourceTree resources) {
    return new MemtypeTable(
        resources::walkSystemRam,
        new Mtrrs(List.of()),
        Pat.FULL,
        PageGeometry.X86_64,
        KernelRules.LINUX_6_1);
  }

  /** Maps nothing. */
  private record NoMemory() implements PhysicalMemory {
    @Override
    public AccessPath accessPath(PhysRange range, CacheMode asked, CacheMode effective) {
      return AccessPath.only(asked, effective);
    }

    @Override
    public MappedBytes map(PhysRange range, AccessPath.Open path, Arena arena) {
      throw new UnsupportedOperationException("nothing is mapped");
    }

    @Override
    public OptionalLong mappingLimit() {
      return OptionalLong.empty();
    }

    @Override
    public String mappingLimitSource() {
      return "the model";
    }

    @Override
    public void close() {}
  }
}
