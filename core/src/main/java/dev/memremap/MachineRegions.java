// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.internal.remap.Remapper;
import dev.memremap.internal.space.AddressSpace;
import dev.memremap.internal.stack.StackRoom;
import dev.memremap.resource.Intersection;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceDesc;
import dev.memremap.resource.ResourceFlags;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The functions of a machine that look at its resources, and take free ranges of its addresses.
 *
 * <p>Thread safety: all methods may be called from any thread; {@code space} and {@code taken} are
 * thread-safe, and of two threads that give one range back, one takes it out of {@code taken}.
 */
abstract sealed class MachineRegions permits MachinePages {
  final AddressSpace space;

  /** What was taken here and not given back: nothing else of the tree can be taken out of it. */
  private final Set<Resource> taken =
      Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));

  MachineRegions(AddressSpace space) {
    this.space = space;
  }

  AddressSpace space() {
    return space;
  }

  /**
   * LIB-5: throws once the machine is closed; while it is closing, it still answers.
   *
   * @throws IllegalStateException if the machine is closed
   */
  abstract void requireNotClosed();

  /**
   * Throws once the machine is closing.
   *
   * @throws IllegalStateException if it is
   */
  abstract void requireOpen();

  /** Returns a snapshot of the resource tree. */
  public ResourceSnapshot resources() {
    requireNotClosed();
    return space.resources();
  }

  /**
   * Returns the resource with this name.
   *
   * @throws IllegalArgumentException if no resource has this name, or several have
   */
  public Resource resource(String name) {
    List<Resource> found = resources().named(name);
    if (found.size() != 1) {
      throw new IllegalArgumentException(
          found.isEmpty()
              ? "no resource is named '%s'; 'memremap iomem' lists the names".formatted(name)
              : "%d resources are named '%s': %s; take the range of the one you mean"
                  .formatted(found.size(), name, found));
    }
    return found.getFirst();
  }

  /**
   * Tells how a range overlaps System RAM: {@code region_intersects} with the kernel's arguments. A
   * size of 0 gets an answer, too ({@link Rule#RI_5 RI-5}).
   *
   * @param start the first byte's physical address
   * @param size in bytes
   */
  public Intersection regionIntersects(long start, long size) {
    return resources().regionIntersects(start, size, ResourceFlags.SYSTEM_RAM, ResourceDesc.NONE);
  }

  /** Tells how a range overlaps System RAM: not at all, alone, or with other resources. */
  public Intersection regionIntersects(PhysRange range) {
    return regionIntersects(Remapper.start(range), range.sizeBytes());
  }

  /**
   * Returns what firmware leaves for a driver, in the tree of its own that kernels have for it
   * since 7.0 on x86: {@code soft_reserve_resource}. {@link #resources} does not list it then; with
   * an older kernel it does, and this is empty.
   */
  public ResourceSnapshot softReserve() {
    requireNotClosed();
    return space.tree().softReserve();
  }

  /**
   * Tells how a range overlaps what firmware leaves for a driver: {@code
   * region_intersects_soft_reserve}. Before 7.0, and on other architectures than x86, this is what
   * drivers asked instead: {@code region_intersects} with {@code IORES_DESC_SOFT_RESERVED}.
   *
   * @param start the first byte's physical address
   * @param size in bytes
   */
  public Intersection regionIntersectsSoftReserve(long start, long size) {
    requireNotClosed();
    return space.tree().regionIntersectsSoftReserve(start, size);
  }

  /**
   * Takes a free range for memory that no processor can address: {@code request_free_mem_region}.
   * It is the highest one that the machine's kernel finds ({@link Rule#RES_11 RES-11}). Use {@link
   * Device#requestFreeMemRegion} to have it given back at the device's release.
   *
   * @param base where to look, such as {@code resources().root()} or a CXL window
   * @param size in bytes; rounded up to whole sections, of 128 MiB on x86-64
   * @param name the range's name
   * @return the range's resource; {@link #releaseMemRegion} gives it back
   * @throws MemremapException {@code ERANGE} if nothing in the base is free, {@code EINVAL} if the
   *     base is not in the resource tree or the size is 0; with {@code kernel=5.10} {@code ENOMEM}
   *     if what is free cannot be requested
   * @throws IllegalStateException if the machine is closed
   */
  public Resource requestFreeMemRegion(Resource base, long size, String name) {
    Objects.requireNonNull(base, "base");
    Objects.requireNonNull(name, "name");
    requireOpen();
    StackRoom.touch();
    Resource requested = space.tree().requestFreeMemRegion(base, size, name);
    taken.add(requested);
    return requested;
  }

  /**
   * Takes a free range of a bus's addresses, as CXL does for a new region: {@code
   * alloc_free_mem_region}. It is the lowest one that the machine's kernel finds, and lies right
   * below the base ({@link Rule#RES_11 RES-11}).
   *
   * @param base where to look, such as a CXL window
   * @param size in bytes; rounded up to a multiple of the alignment
   * @param align a power of two
   * @param name the range's name
   * @return the range's resource; {@link #removeResource} gives it back
   * @throws MemremapException {@code ERANGE} if nothing in the base is free, {@code EINVAL} if the
   *     base is not in the resource tree, the size is 0, or the alignment no power of two; {@code
   *     EOPNOTSUPP} with {@code kernel=5.10}, which has no such function
   * @throws IllegalStateException if the machine is closed
   */
  public Resource allocFreeMemRegion(Resource base, long size, long align, String name) {
    Objects.requireNonNull(base, "base");
    Objects.requireNonNull(name, "name");
    requireOpen();
    StackRoom.touch();
    Resource allocated = space.tree().allocFreeMemRegion(base, size, align, name);
    taken.add(allocated);
    return allocated;
  }

  /**
   * Gives a range back that {@link #requestFreeMemRegion} returned: {@code release_mem_region}.
   * What lies in it goes with it.
   *
   * @throws MemremapException {@code EINVAL} if it was not taken so, or was given back ({@link
   *     Rule#RES_9 RES-9})
   * @throws IllegalStateException if the machine is closed
   */
  public void releaseMemRegion(Resource requested) {
    Objects.requireNonNull(requested, "requested");
    requireOpen();
    StackRoom.touch();
    giveBack(requested, Rule.RES_9, () -> space.tree().releaseRegion(requested.range()));
  }

  /**
   * Gives a range back that {@link #allocFreeMemRegion} returned: {@code remove_resource}. What
   * lies in it takes its place.
   *
   * @throws MemremapException {@code EINVAL} if it was not taken so, or was given back ({@link
   *     Rule#RES_7 RES-7})
   * @throws IllegalStateException if the machine is closed
   */
  public void removeResource(Resource allocated) {
    Objects.requireNonNull(allocated, "allocated");
    requireOpen();
    StackRoom.touch();
    giveBack(allocated, Rule.RES_7, () -> space.tree().removeResource(allocated));
  }

  private void giveBack(Resource resource, Rule rule, Runnable change) {
    if (!taken.remove(resource)) {
      throw new MemremapException(
          Errno.EINVAL,
          rule,
          "%s was not taken as a free range of this machine, or was given back; the rest of the tree stays as it is"
              .formatted(resource));
    }
    boolean done = false;
    try {
      change.run();
      done = true;
    } finally {
      if (!done) {
        taken.add(resource);
      }
    }
  }
}
