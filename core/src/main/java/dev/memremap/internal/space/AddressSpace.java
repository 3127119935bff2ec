// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.space;

import dev.memremap.cache.MemtypeEntry;
import dev.memremap.internal.arch.Platform;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.memtype.MemtypeTable;
import dev.memremap.internal.stack.StackRoom;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.rule.Rule;
import dev.memremap.spi.MemorySource;
import dev.memremap.spi.PhysicalMemory;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A machine's physical address space: what lies where, which range has which memory type, where the
 * bytes are, and how many mappings there may be.
 *
 * <p>Checking the tables and reserving in them is one step, {@link #atomically}, under the one lock
 * of the address space: no other request comes between.
 *
 * <p><em>Lock order.</em> A thread that holds a lock takes only locks that stand below it here. A
 * driver's callbacks, and loggers, run under none of them.
 *
 * <pre>
 *   1  Devices                       which devices a machine has, and which hold something
 *   2  Device's arenas               which arena the next mapping lives in
 *   3  Pagemaps, changing            a page map is made or ended
 *   4  AddressSpace                  tables are checked and changed in one step
 *   5  DirectMap, a DeviceArena, a page map's life and its page structures
 *   6  MappedRegion                  one mapping of it after the other
 *   7  leaves: ResourceTree, MemtypeTable, a device's list, the turns of teardowns, the memory, a
 *      reference and, below it, the holds of what lives by it
 * </pre>
 *
 * <p>Thread safety: all methods may be called from any thread. Each part is thread-safe. {@code
 * memory} is another object once something was attached: it is written while {@code lock} is held,
 * and volatile, so a range that an attach returned is found from then on. {@code closed} is guarded
 * by {@code lock}, so what was attached before it is set is closed with the memory. The other
 * fields are final.
 */
public final class AddressSpace {
  private final ResourceTree resources;
  private final MemtypeTable memtypes;
  private final MappedRegion.Quota quota;
  private final Platform platform;
  private final PageGeometry geometry;
  private final DirectMap directMap;
  private final Object lock = new Object();
  private volatile PhysicalMemory memory;
  private boolean closed;

  /**
   * An address space.
   *
   * @param resources what lies where
   * @param memtypes the memory types that are reserved already
   * @param memory the bytes; closed with this
   * @param quota how many mappings there may be
   * @param platform what the processor and the kernel decide
   */
  public AddressSpace(
      ResourceTree resources,
      MemtypeTable memtypes,
      PhysicalMemory memory,
      MappedRegion.Quota quota,
      Platform platform) {
    this.resources = resources;
    this.memtypes = memtypes;
    this.memory = memory;
    this.quota = quota;
    this.platform = platform;
    this.geometry = platform.geometry();
    this.directMap = new DirectMap(memory, quota);
  }

  /**
   * Runs a step that looks at the tables and changes them by what it saw, so that no other such
   * step comes between.
   */
  public <T> T atomically(Supplier<T> step) {
    synchronized (lock) {
      return step.get();
    }
  }

  /** What lies where, as it stands. */
  public ResourceSnapshot resources() {
    return resources.snapshot();
  }

  /** What lies where, to request regions from. */
  public ResourceTree tree() {
    return resources;
  }

  /** The table of memory types. */
  public MemtypeTable memtypes() {
    return memtypes;
  }

  /** What the processor and the kernel decide. */
  public Platform platform() {
    return platform;
  }

  /** What it is counted in. */
  public PageGeometry geometry() {
    return geometry;
  }

  /** The bytes. */
  public PhysicalMemory memory() {
    return memory;
  }

  /** How many mappings there are and may be. */
  public MappedRegion.Quota quota() {
    return quota;
  }

  /** System RAM as it is mapped once for the whole machine. */
  public DirectMap directMap() {
    return directMap;
  }

  /** A region to map something in, which has an arena of its own. */
  public MappedRegion region() {
    return MappedRegion.of(memory, quota);
  }

  /**
   * Attaches memory at the highest free range below the machine's last address, as the kernel
   * places memory that no processor can address (RES-11). A hole in which something is mapped is
   * passed over (C-9).
   *
   * @param lastAddress the last address that the machine has
   * @throws IllegalArgumentException if the name is taken
   * @throws dev.memremap.rule.MemremapException {@code ERANGE} if no range is free
   * @throws IllegalStateException if this is closed; nothing is attached then
   */
  public Resource attach(String name, MemorySource source, long lastAddress) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(source, "source");
    StackRoom.touch();
    // asked once, while no lock is held: a source is a user's code
    long sizeBytes = source.sizeBytes();
    synchronized (lock) {
      if (closed) {
        throw new IllegalStateException(
            "the machine was closed meanwhile; %s was not attached [%s]"
                .formatted(name, Rule.LIB_5.id()));
      }
      requireFree(name);
      PhysRange addresses = new PhysRange(0, lastAddress);
      // the search takes whole sections; the rest of the last one stays free
      List<MemtypeEntry> mapped = memtypes.list().entries();
      Resource window =
          resources.requestFreeMemRegion(
              addresses,
              sizeBytes,
              name,
              hole -> mapped.stream().noneMatch(entry -> entry.range().overlaps(hole)));
      PhysRange range = PhysRange.of(window.range().start(), sizeBytes);
      resources.releaseResource(window);
      Resource attached = resources.requestRegion(range, name, 0);
      memtypes.exemptFromMtrrs(geometry.wholePages(range));
      memory = AttachedMemory.of(memory, range, source);
      return attached;
    }
  }

  /** Where the byte at an address comes from, if it was attached; null for other memory. */
  public AttachedMemory.@Nullable Origin attachedAt(long address) {
    return memory instanceof AttachedMemory attached ? attached.originAt(address) : null;
  }

  private void requireFree(String name) {
    resources
        .snapshot()
        .walk(
            (resource, depth) -> {
              if (name.equals(resource.name())) {
                throw new IllegalArgumentException(
                    "the name %s is taken by %s; attach it under another"
                        .formatted(name, resource));
              }
            });
  }

  /** Gives the memory back. All that was mapped is unmapped before. */
  public void close() {
    synchronized (lock) {
      closed = true;
    }
    memory.close();
  }
}
