// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.space;

import static dev.memremap.internal.kernel.KernelChange.SOFT_RESERVE_TREE;

import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.machine.Architecture;
import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceDesc;
import dev.memremap.resource.ResourceFlags;
import dev.memremap.resource.ResourceKind;
import dev.memremap.rule.Fact;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a machine's kernel keeps the memory that firmware leaves for a driver: in the tree of
 * {@code /proc/iomem}, and since 7.0 on x86 in {@code soft_reserve_resource}, a tree of its own
 * (row 11 of {@code docs/kernels.md}).
 *
 * <p>Thread safety: immutable.
 *
 * @param iomem the root of {@code /proc/iomem}
 * @param apart the root of the other tree; empty where there is none
 * @param isApart whether there is another tree
 */
public record SoftReserve(Resource iomem, Resource apart, boolean isApart) {
  private static final String NAME = "Soft Reserved";

  /** One without memory for a driver. */
  public static SoftReserve none(Resource iomem) {
    return new SoftReserve(iomem, emptyTree(), false);
  }

  /** The trees of a machine. */
  public static SoftReserve of(MachineDescription machine, KernelRules kernel) {
    Resource iomem = machine.root();
    if (!isApart(machine, kernel)) {
      for (PhysRange range : machine.softReserved()) {
        iomem = with(iomem, range);
      }
      return none(iomem);
    }
    List<PhysRange> ranges = new ArrayList<>(machine.softReserved());
    if (!isAsRunning(machine)) {
      iomem = without(iomem, ranges);
    }
    Resource apart = emptyTree();
    for (PhysRange range : ranges) {
      apart = with(apart, range);
    }
    return new SoftReserve(iomem, apart, true);
  }

  private static boolean isApart(MachineDescription machine, KernelRules kernel) {
    return kernel.has(SOFT_RESERVE_TREE) && machine.architecture() == Architecture.X86_64;
  }

  /** Whether the tree is what the machine's kernel printed, who may have put a range back. */
  private static boolean isAsRunning(MachineDescription machine) {
    MachineDescription.Origin kernel = machine.origins().get(Fact.KERNEL);
    return kernel != null
        && (kernel.source() == Fact.Source.READ || kernel.source() == Fact.Source.RECORDED);
  }

  private static Resource emptyTree() {
    return resource(Resource.memoryRoot().range());
  }

  private static Resource resource(PhysRange range) {
    return Resource.of(range, NAME, ResourceFlags.MEM, ResourceDesc.SOFT_RESERVED);
  }

  /**
   * A tree without what it lists as Soft Reserved; what lies in that takes its place.
   *
   * @param ranges where it was, which this adds
   */
  private static Resource without(Resource node, List<PhysRange> ranges) {
    List<Resource> children = new ArrayList<>();
    boolean changed = false;
    for (Resource child : node.children()) {
      Resource left = without(child, ranges);
      changed |= left != child;
      if (child.kind() != ResourceKind.SOFT_RESERVED) {
        children.add(left);
        continue;
      }
      changed = true;
      ranges.add(child.range());
      for (Resource inside : left.children()) {
        children.add(
            inside.desc() == ResourceDesc.SOFT_RESERVED
                ? inside.withFlags(inside.flags(), node.desc())
                : inside);
      }
    }
    return changed ? node.withChildren(children) : node;
  }

  /**
   * A tree with one more range of Soft Reserved: {@code insert_resource_expand_to_fit}. It grows
   * until it holds each resource whole that it overlaps.
   */
  private static Resource with(Resource node, PhysRange range) {
    List<Resource> children = new ArrayList<>();
    List<Resource> inside = new ArrayList<>();
    PhysRange whole = range;
    for (Resource child : node.children()) {
      if (child.range().contains(range) && child.kind() == ResourceKind.SOFT_RESERVED) {
        return node;
      }
      if (child.range().contains(range) && !child.range().equals(range)) {
        List<Resource> replaced = new ArrayList<>(node.children());
        replaced.set(replaced.indexOf(child), with(child, range));
        return node.withChildren(replaced);
      }
      if (child.range().overlaps(range)) {
        inside.add(child);
        whole = around(whole, child.range());
      } else {
        children.add(child);
      }
    }
    int at = 0;
    while (at < children.size()
        && Long.compareUnsigned(children.get(at).range().start(), whole.start()) < 0) {
      at++;
    }
    children.add(at, resource(whole).withChildren(inside));
    return node.withChildren(children);
  }

  private static PhysRange around(PhysRange a, PhysRange b) {
    boolean isLower = Long.compareUnsigned(b.start(), a.start()) < 0;
    boolean isHigher = Long.compareUnsigned(b.endInclusive(), a.endInclusive()) > 0;
    return new PhysRange(
        isLower ? b.start() : a.start(), isHigher ? b.endInclusive() : a.endInclusive());
  }
}
