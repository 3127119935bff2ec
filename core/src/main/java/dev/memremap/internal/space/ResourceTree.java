// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.space;

import dev.memremap.internal.arch.Platform;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelChange;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.Intersection;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceDesc;
import dev.memremap.resource.ResourceFlags;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The resources of a physical address space and their holders: the kernel's {@code iomem_resource},
 * with the functions of {@code kernel/resource.c} that change it.
 *
 * <p>Readers take a {@link #snapshot()} and ask that; writers build the next one from it.
 *
 * <p>Thread safety: all methods may be called from any thread. {@code snapshot} is written only
 * while {@code lock} is held, so that no change is lost; it is volatile, and a snapshot is
 * immutable before it is written, so a reader without the lock sees a whole tree: the last one
 * published or an earlier one, never a mixture. A request for a muxed region waits on {@code lock},
 * which every release notifies.
 */
public final class ResourceTree {
  private final PageGeometry geometry;
  private final FreeRegions freeRegions;
  private final ResourceSnapshot softReserve;
  private final boolean softReserveIsApart;
  private final boolean insideWindows;
  private final Object lock = new Object();
  private volatile ResourceSnapshot snapshot;

  private ResourceTree(
      SoftReserve roots, PageGeometry geometry, KernelRules kernel, FreeRegions freeRegions) {
    this.freeRegions = freeRegions;
    this.insideWindows = kernel.has(KernelChange.LOOKS_INSIDE_WINDOWS);
    this.geometry = geometry;
    this.snapshot = new ResourceSnapshot(roots.iomem(), insideWindows);
    this.softReserveIsApart = roots.isApart();
    this.softReserve = new ResourceSnapshot(roots.apart(), insideWindows);
  }

  /** A tree that begins as this one, with as many addresses as its geometry has. */
  public static ResourceTree of(Resource root, PageGeometry geometry, KernelRules kernel) {
    return new ResourceTree(
        SoftReserve.none(root),
        geometry,
        kernel,
        FreeRegions.of(geometry, kernel, geometry.physmemEnd()));
  }

  /**
   * The tree of a machine.
   *
   * @param last the machine's last address, where its {@code iomem_resource} ends
   */
  public static ResourceTree of(MachineDescription machine, Platform platform, long last) {
    long reached = platform.physmemEnd();
    return new ResourceTree(
        SoftReserve.of(machine, platform.kernel()),
        platform.geometry(),
        platform.kernel(),
        FreeRegions.of(
            platform.geometry(),
            platform.kernel(),
            Long.compareUnsigned(last, reached) < 0 ? last + 1 : reached));
  }

  /**
   * What firmware leaves for a driver and this tree does not hold: {@code soft_reserve_resource},
   * which never changes; empty before 7.0.
   */
  public ResourceSnapshot softReserve() {
    return softReserve;
  }

  /** The tree as it stands. */
  public ResourceSnapshot snapshot() {
    return snapshot;
  }

  /**
   * How a range overlaps what firmware leaves for a driver: {@code region_intersects_soft_reserve},
   * and where that does not exist what drivers asked instead.
   */
  public Intersection regionIntersectsSoftReserve(long start, long size) {
    ResourceSnapshot asked = softReserveIsApart ? softReserve : snapshot;
    return asked.regionIntersects(start, size, ResourceFlags.MEM, ResourceDesc.SOFT_RESERVED);
  }

  /** Visits System RAM as it stands: {@link ResourceSnapshot#walkSystemRam}. */
  public void walkSystemRam(PhysRange pages, Predicate<PhysRange> visit) {
    snapshot.walkSystemRam(pages, geometry.pageBytes(), visit);
  }

  /**
   * Puts a resource below another: {@code request_resource}. Only direct children are looked at
   * (RES-5).
   *
   * @throws MemremapException {@code EBUSY} if it overlaps one, or does not lie in its parent;
   *     nothing is changed then
   */
  public void requestResource(Resource parent, Resource wanted) {
    requestResourceConflict(parent, wanted)
        .ifPresent(
            conflict -> {
              throw busy(Rule.RES_5, wanted.range(), conflict);
            });
  }

  /**
   * Puts a resource below another, and returns what was in the way: {@code
   * request_resource_conflict}.
   *
   * @return the resource in the way, or the parent itself if the range does not lie in it; empty if
   *     the resource was put in
   */
  public Optional<Resource> requestResourceConflict(Resource parent, Resource wanted) {
    synchronized (lock) {
      Resource below = current(parent);
      Resource conflict = below.conflictBelow(wanted.range());
      if (conflict == null) {
        link(below, wanted);
      }
      return Optional.ofNullable(conflict);
    }
  }

  /**
   * Puts a resource into the tree around those it encloses: {@code insert_resource} (RES-6).
   *
   * @throws MemremapException {@code EBUSY} if it overlaps another in part; nothing is changed then
   */
  public void insertResource(Resource parent, Resource wanted) {
    insertResourceConflict(parent, wanted)
        .ifPresent(
            conflict -> {
              throw busy(Rule.RES_6, wanted.range(), conflict);
            });
  }

  /**
   * Puts a resource around those it encloses, and returns what was in the way; empty if nothing
   * was.
   */
  public Optional<Resource> insertResourceConflict(Resource parent, Resource wanted) {
    synchronized (lock) {
      Resource below = current(parent);
      while (true) {
        Resource conflict = below.conflictBelow(wanted.range());
        if (conflict == null) {
          link(below, wanted);
          return Optional.empty();
        }
        if (conflict.isSameAs(below)) {
          return Optional.of(conflict);
        }
        boolean strictlyEncloses =
            conflict.range().contains(wanted.range()) && !conflict.range().equals(wanted.range());
        if (!strictlyEncloses) {
          return Optional.ofNullable(adopt(below, wanted));
        }
        below = conflict;
      }
    }
  }

  /**
   * RES-6: makes the siblings that lie wholly in a resource its children; or gives the one that
   * does not.
   */
  private @Nullable Resource adopt(Resource below, Resource wanted) {
    List<Resource> before = new ArrayList<>();
    List<Resource> inside = new ArrayList<>();
    List<Resource> after = new ArrayList<>();
    for (Resource sibling : below.children()) {
      if (!sibling.range().overlaps(wanted.range())) {
        boolean lower = Long.compareUnsigned(sibling.range().start(), wanted.range().start()) < 0;
        (lower ? before : after).add(sibling);
      } else if (wanted.range().contains(sibling.range())) {
        inside.add(sibling);
      } else {
        return sibling;
      }
    }
    before.add(wanted.withChildren(inside));
    before.addAll(after);
    publish(below, node -> node.withChildren(before));
    return null;
  }

  /**
   * Takes a resource out and puts its children into its place: {@code remove_resource} (RES-7).
   *
   * @throws MemremapException {@code EINVAL} if it is not in the tree
   */
  public void removeResource(Resource resource) {
    unlink(resource, true);
  }

  /**
   * Takes a resource out with all that lies in it: {@code release_resource} (RES-7).
   *
   * @throws MemremapException {@code EINVAL} if it is not in the tree
   */
  public void releaseResource(Resource resource) {
    unlink(resource, false);
  }

  private void unlink(Resource resource, boolean keepChildren) {
    synchronized (lock) {
      Resource parent = parentOf(resource);
      if (parent == null) {
        throw new MemremapException(
            Errno.EINVAL,
            Rule.RES_7,
            "'%s' is not in the resource tree; it was released already or never put in"
                .formatted(resource));
      }
      List<Resource> children = new ArrayList<>();
      for (Resource child : parent.children()) {
        if (!child.isSameAs(resource)) {
          children.add(child);
        } else if (keepChildren) {
          children.addAll(child.children());
        }
      }
      publish(parent, node -> node.withChildren(children));
      lock.notifyAll();
    }
  }

  /**
   * Takes a region for a driver: {@code request_mem_region}, or with flags {@code __request_region}
   * (RES-8). It lands below the innermost resource around it that is not busy, and takes type and
   * descriptor from there.
   *
   * @param range the region
   * @param name its name
   * @param flags further bits; with MUXED it waits while another muxed region holds it
   * @return the region, as a handle for {@link #releaseResource}
   * @throws MemremapException {@code EBUSY} if a busy resource or a partial overlap is in the way
   */
  public Resource requestRegion(PhysRange range, String name, long flags) {
    synchronized (lock) {
      while (true) {
        ResourceSnapshot.Landing landing = snapshot.landing(range);
        Resource parent = landing.parent();
        Resource conflict = landing.inTheWay();
        if (conflict == null) {
          long inherited = parent.flags() & (ResourceFlags.TYPE_MASK | ResourceFlags.SYSRAM);
          long wanted = inherited | ResourceFlags.BUSY | flags;
          Resource region = Resource.of(range, name, wanted, parent.desc());
          link(parent, region);
          return region;
        }
        if ((conflict.flags() & flags & ResourceFlags.MUXED) == 0) {
          throw busy(Rule.RES_8, range, conflict);
        }
        awaitRelease(range, conflict);
      }
    }
  }

  /** Waits for any release; the caller's loop asks again, so a spurious wakeup does no harm. */
  @SuppressWarnings("WaitNotInLoop")
  private void awaitRelease(PhysRange range, Resource holder) {
    try {
      lock.wait();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MemremapException(
          new Refusal(
              Errno.EBUSY,
              Rule.RES_8,
              "interrupted while waiting for '%s' to release %s".formatted(holder, range)),
          e);
    }
  }

  /**
   * Gives a region back: {@code release_mem_region} (RES-9). What a driver put below it goes with
   * it.
   *
   * @throws MemremapException {@code EINVAL} if no busy region has exactly these bounds; nothing is
   *     released then
   */
  public void releaseRegion(PhysRange range) {
    synchronized (lock) {
      Resource node = snapshot.root();
      while (true) {
        int i = node.firstChildReaching(range.start());
        Resource child = i < node.children().size() ? node.children().get(i) : null;
        if (child == null || !child.range().contains(range)) {
          break;
        }
        if (child.isBusy()) {
          if (child.range().equals(range)) {
            releaseResource(child);
            return;
          }
          break;
        }
        node = child;
      }
      throw new MemremapException(
          Errno.EINVAL,
          Rule.RES_9,
          "no busy region %s to release; give the bounds it was requested with".formatted(range));
    }
  }

  /**
   * Takes a free range for memory that no processor can address: {@code request_free_mem_region}
   * (RES-11). It is searched from the top of a resource downwards.
   *
   * @param base where to search, such as the root
   * @param size in bytes; rounded up to whole sections, of 128 MiB on x86-64
   * @param name its name
   * @throws MemremapException {@code ERANGE} if nothing in the base is free, {@code EINVAL} if the
   *     base is not in the tree; if what is free cannot be requested, {@code ERANGE}, and in 5.10
   *     {@code ENOMEM}
   */
  public Resource requestFreeMemRegion(Resource base, long size, String name) {
    synchronized (lock) {
      Resource now = current(base);
      Resource within = freeRegions.belowBase() ? now : snapshot.root();
      return requestPrivate(freeRegions.downwards(within, now.range(), size, range -> true), name);
    }
  }

  /**
   * Takes a free range of a part of the whole tree, but none that is used although nothing is
   * listed there.
   *
   * @param base where to search
   * @param unused whether a range is not used
   */
  public Resource requestFreeMemRegion(
      PhysRange base, long size, String name, Predicate<PhysRange> unused) {
    synchronized (lock) {
      return requestPrivate(freeRegions.downwards(snapshot.root(), base, size, unused), name);
    }
  }

  /**
   * Takes a free range of a resource, searched from its bottom upwards, and puts it right below
   * that: {@code alloc_free_mem_region} (RES-11).
   *
   * @param base where to search
   * @param size in bytes; rounded up to a multiple of the alignment
   * @param align a power of two
   * @param name its name
   * @return the range's resource, which is not busy; {@link #removeResource} gives it back
   * @throws MemremapException {@code ERANGE} if nothing in the base is free, {@code EINVAL} if the
   *     base is not in the tree, {@code EOPNOTSUPP} in 5.10, which has no such function
   */
  public Resource allocFreeMemRegion(Resource base, long size, long align, String name) {
    synchronized (lock) {
      Resource below = current(base);
      if (!freeRegions.belowBase()) {
        throw new MemremapException(
            Errno.EOPNOTSUPP, Rule.C_12, "this kernel has no alloc_free_mem_region");
      }
      PhysRange range = freeRegions.upwards(below, size, align);
      if (below.conflictBelow(range) != null) {
        throw freeRegions.refused(range, null);
      }
      Resource allocated = Resource.of(range, name, ResourceFlags.MEM, ResourceDesc.NONE);
      link(below, allocated);
      return allocated;
    }
  }

  private Resource requestPrivate(PhysRange range, String name) {
    try {
      Resource region = requestRegion(range, name, 0);
      Resource described = region.withFlags(region.flags(), ResourceDesc.DEVICE_PRIVATE_MEMORY);
      Resource parent = parentOf(region);
      publish(
          Objects.requireNonNull(parent),
          node -> node.withChildren(replaced(node.children(), described)));
      return described;
    } catch (MemremapException e) {
      throw freeRegions.refused(range, e);
    }
  }

  private void link(Resource parent, Resource wanted) {
    List<Resource> children = new ArrayList<>(parent.children());
    children.add(parent.firstChildReaching(wanted.range().start()), wanted);
    publish(parent, node -> node.withChildren(children));
  }

  /** The node that stands for a resource now. */
  private Resource current(Resource resource) {
    Resource parent = parentOf(resource);
    if (parent != null) {
      for (Resource child : parent.children()) {
        if (child.isSameAs(resource)) {
          return child;
        }
      }
    }
    if (snapshot.root().isSameAs(resource)) {
      return snapshot.root();
    }
    throw new MemremapException(
        Errno.EINVAL, Rule.RES_7, "'%s' is not in the resource tree".formatted(resource));
  }

  /** RES-1 makes the way down to a resource the only one that holds its range. */
  private @Nullable Resource parentOf(Resource resource) {
    Resource node = snapshot.root();
    while (true) {
      int i = node.firstChildReaching(resource.range().start());
      if (i == node.children().size()
          || !node.children().get(i).range().contains(resource.range())) {
        return null;
      }
      Resource child = node.children().get(i);
      if (child.isSameAs(resource)) {
        return node;
      }
      node = child;
    }
  }

  private void publish(Resource changed, UnaryOperator<Resource> change) {
    snapshot = new ResourceSnapshot(rebuilt(snapshot.root(), changed, change), insideWindows);
  }

  private static Resource rebuilt(Resource node, Resource changed, UnaryOperator<Resource> change) {
    if (node.isSameAs(changed)) {
      return change.apply(node);
    }
    Resource below = node.children().get(node.firstChildReaching(changed.range().start()));
    return node.withChildren(replaced(node.children(), rebuilt(below, changed, change)));
  }

  private static List<Resource> replaced(List<Resource> children, Resource by) {
    List<Resource> copy = new ArrayList<>(children);
    copy.replaceAll(child -> child.isSameAs(by) ? by : child);
    return copy;
  }

  private static MemremapException busy(Rule rule, PhysRange wanted, Resource conflict) {
    return new MemremapException(conflict.inTheWayOf(wanted, rule));
  }
}
