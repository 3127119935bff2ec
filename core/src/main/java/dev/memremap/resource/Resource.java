// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import dev.memremap.rule.Errno;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A node in a snapshot of the resource tree: the kernel's {@code struct resource}.
 *
 * <p>A change to the tree makes new nodes along the path to it and shares the rest. Nodes for one
 * resource in different snapshots are {@linkplain #isSameAs the same}, so the node that a request
 * returned names the resource until it is released, whatever is added below it.
 *
 * <p>Thread safety: immutable.
 */
public final class Resource {
  private static final PhysRange EVERYTHING = new PhysRange(0, -1);
  private static final long[] NO_ENDS = {};

  private final Object identity;
  private final PhysRange range;
  private final @Nullable String name;
  private final long flags;
  private final ResourceDesc desc;
  private final List<Resource> children;

  /** The children's last addresses, side by side: a search among many reads few lines of memory. */
  private final long[] childEnds;

  private Resource(PhysRange range, @Nullable String name, long flags, ResourceDesc desc) {
    this.identity = new Object();
    this.range = Objects.requireNonNull(range, "range");
    this.name = name;
    this.flags = flags;
    this.desc = Objects.requireNonNull(desc, "desc");
    this.children = List.of();
    this.childEnds = NO_ENDS;
  }

  private Resource(Resource same, List<Resource> children) {
    this.identity = same.identity;
    this.range = same.range;
    this.name = same.name;
    this.flags = same.flags;
    this.desc = same.desc;
    this.children = List.copyOf(children);
    this.childEnds = new long[this.children.size()];
    for (int i = 0; i < childEnds.length; i++) {
      childEnds[i] = this.children.get(i).range.endInclusive();
    }
  }

  private Resource(Resource same, long flags, ResourceDesc desc) {
    this.identity = same.identity;
    this.range = same.range;
    this.name = same.name;
    this.flags = flags;
    this.desc = Objects.requireNonNull(desc, "desc");
    this.children = same.children;
    this.childEnds = same.childEnds;
  }

  /**
   * Makes a resource without children, outside any tree.
   *
   * @param name what {@code /proc/iomem} shows; null shows as {@code <BAD>}
   * @param flags bits of {@link ResourceFlags}
   */
  public static Resource of(PhysRange range, @Nullable String name, long flags, ResourceDesc desc) {
    return new Resource(range, name, flags, desc);
  }

  /**
   * The resource of a kind, as the kernel would make it.
   *
   * @param parent what it lies in
   */
  static Resource of(ResourceKind kind, PhysRange range, @Nullable String name, Resource parent) {
    boolean isInDevice = kind == ResourceKind.OTHER && parent.kind().isDevice();
    long flags = kind.flags(range.start(), parent.flags, isInDevice);
    return of(range, name, flags, kind.desc(parent.desc));
  }

  /** Returns an empty root of the memory tree: "PCI mem", the whole address space. */
  public static Resource memoryRoot() {
    return of(EVERYTHING, "PCI mem", ResourceFlags.MEM, ResourceDesc.NONE);
  }

  /**
   * Returns this resource with other children. They are not checked, so the caller must keep the
   * order.
   *
   * @param sorted by start, not overlapping, each inside this one
   */
  public Resource withChildren(List<Resource> sorted) {
    Objects.requireNonNull(sorted, "sorted");
    return new Resource(this, sorted);
  }

  /**
   * Returns this resource with other flags and another descriptor, as those of where a request
   * lands ({@link Rule#RES_8 RES-8}).
   */
  public Resource withFlags(long newFlags, ResourceDesc newDesc) {
    Objects.requireNonNull(newDesc, "newDesc");
    return new Resource(this, newFlags, newDesc);
  }

  /** Returns its addresses. */
  public PhysRange range() {
    return range;
  }

  /** Returns its name in {@code /proc/iomem}; null shows there as {@code <BAD>}. */
  public @Nullable String name() {
    return name;
  }

  /** Returns its bits of {@link ResourceFlags}. */
  public long flags() {
    return flags;
  }

  /** Returns what its memory is. */
  public ResourceDesc desc() {
    return desc;
  }

  /** Returns the resources in it, sorted by start, without overlaps. */
  public List<Resource> children() {
    return children;
  }

  /** Returns the kind of a resource with this name. */
  public ResourceKind kind() {
    return ResourceKind.of(name);
  }

  /** Returns whether a driver or the kernel itself holds it. */
  public boolean isBusy() {
    return (flags & ResourceFlags.BUSY) != 0;
  }

  /** Returns whether it is System RAM: both bits of the type are set. */
  public boolean isSystemRam() {
    return (flags & ResourceFlags.SYSTEM_RAM) == ResourceFlags.SYSTEM_RAM;
  }

  /** RI-1: whether it has all these flags and, unless it is {@code NONE}, this descriptor. */
  boolean isOfType(long wantedFlags, ResourceDesc wantedDesc) {
    return (flags & wantedFlags) == wantedFlags
        && (wantedDesc == ResourceDesc.NONE || wantedDesc == desc);
  }

  /** Returns whether another node is the same resource, perhaps in another snapshot. */
  public boolean isSameAs(Resource other) {
    Objects.requireNonNull(other, "other");
    return identity.equals(other.identity);
  }

  /** Returns the index of the first child that does not end before this address. */
  public int firstChildReaching(long address) {
    int low = 0;
    int high = childEnds.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(childEnds[middle], address) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * Returns what is in the way of a range below this resource ({@link Rule#RES_5 RES-5}): the first
   * child that it overlaps, or this resource itself if the range does not lie in it; null if
   * nothing is.
   */
  public @Nullable Resource conflictBelow(PhysRange wanted) {
    Objects.requireNonNull(wanted, "wanted");
    if (!range.contains(wanted)) {
      return this;
    }
    int i = firstChildReaching(wanted.start());
    if (i == children.size()) {
      return null;
    }
    Resource next = children.get(i);
    return next.range.overlaps(wanted) ? next : null;
  }

  /** Returns the refusal of a request for a range that this resource is in the way of. */
  public Refusal inTheWayOf(PhysRange wanted, Rule rule) {
    Objects.requireNonNull(wanted, "wanted");
    Objects.requireNonNull(rule, "rule");
    String warning =
        desc == ResourceDesc.DEVICE_PRIVATE_MEMORY
            ? ", memory of a device that the processor cannot address"
            : "";
    return new Refusal(
        Errno.EBUSY,
        rule,
        "%s cannot be requested: '%s' is in the way%s".formatted(wanted, this, warning));
  }

  /** Returns text such as {@code 00100000-3fffffff : System RAM}. */
  @Override
  public String toString() {
    return "%08x-%08x : %s"
        .formatted(range.start(), range.endInclusive(), name == null ? "<BAD>" : name);
  }
}
