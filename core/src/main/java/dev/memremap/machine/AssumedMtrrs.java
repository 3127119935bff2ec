// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Assumes what the MTRRs of a machine make uncachable, by the kinds of its resources: windows of
 * devices, wherever they lie. RAM is write-back, and so is what firmware keeps in RAM: its tables,
 * what it reserves inside RAM or right above it, persistent memory, memory that is left for a
 * driver, and windows that lead to CXL memory. Of the holes, those between the end of RAM below 4
 * GiB and 4 GiB are taken for devices; all others are write-back.
 *
 * <p>Thread safety: for one thread.
 */
final class AssumedMtrrs {
  private static final long FOUR_GIB = 1L << 32;

  private final Resource root;

  /** Whether the addresses from a key up to the next one are uncachable. */
  private final TreeMap<Long, Boolean> uncachable = new TreeMap<>(Long::compareUnsigned);

  private AssumedMtrrs(Resource root) {
    this.root = root;
    uncachable.put(0L, false);
  }

  /**
   * The ranges that are taken for uncachable, in ascending order.
   *
   * @param root the resource tree
   * @param pageBytes the machine's page size, at whose multiples devices begin after RAM
   */
  static List<PhysRange> of(Resource root, long pageBytes) {
    AssumedMtrrs mtrrs = new AssumedMtrrs(root);
    long endOfLowRam = mtrrs.endOfRam(0, FOUR_GIB);
    if (endOfLowRam != 0) {
      long devices = (endOfLowRam + pageBytes - 1) & -pageBytes;
      if (devices < FOUR_GIB) {
        mtrrs.paint(new PhysRange(devices, FOUR_GIB - 1), true);
      }
    }
    mtrrs.paintResources(endOfLowRam);
    return mtrrs.ranges();
  }

  /**
   * The addresses above 4 GiB that AMD's TOM2 makes write-back: up to the end of memory there, but
   * for windows of devices; empty without memory above 4 GiB.
   */
  static List<PhysRange> writeBackByTom2(Resource root) {
    AssumedMtrrs mtrrs = new AssumedMtrrs(root);
    long end = 0;
    for (Resource resource : root.children()) {
      if (Long.compareUnsigned(resource.range().start(), FOUR_GIB) >= 0
          && isMemory(resource.kind())) {
        end = resource.range().endInclusive();
      }
    }
    if (end == 0) {
      return List.of();
    }
    // what is painted here is write-back
    mtrrs.paint(new PhysRange(FOUR_GIB, end), true);
    for (Resource resource : root.children()) {
      if (isWindow(resource.kind())) {
        mtrrs.paint(resource.range(), false);
      }
    }
    return mtrrs.ranges();
  }

  /** RAM, and what is made of RAM or is used as it is. */
  private static boolean isMemory(ResourceKind kind) {
    return switch (kind) {
      case SYSTEM_RAM,
          RAM_BUFFER,
          ACPI_TABLES,
          ACPI_NVS,
          UNUSABLE,
          PERSISTENT_MEMORY,
          PERSISTENT_MEMORY_LEGACY,
          PMEM_NAMESPACE,
          DAX_DEVICE,
          SOFT_RESERVED,
          SOFT_RESERVED_DEVICE,
          CXL_WINDOW,
          CXL_REGION,
          VIRTIO_MEMORY,
          VMEMMAP ->
          true;
      default -> false;
    };
  }

  private static boolean isWindow(ResourceKind kind) {
    return switch (kind) {
      case PCI_BUS,
          PCI_DEVICE,
          PCI_ECAM,
          VMD_WINDOW,
          HYPERV_WINDOW,
          VIDEO_RAM,
          INTERRUPT_CONTROLLER,
          IOMMU,
          TIMER,
          PNP_DEVICE,
          ACPI_DEVICE,
          DRIVER_REGION ->
          true;
      default -> false;
    };
  }

  /** The address after the last RAM that begins in a piece of addresses; 0 if none does. */
  private long endOfRam(long from, long to) {
    return endOfRam(root, from, to);
  }

  private static long endOfRam(Resource parent, long from, long to) {
    long end = 0;
    for (Resource child : parent.children()) {
      long start = child.range().start();
      if (Long.compareUnsigned(start, to) >= 0) {
        break;
      }
      if (!child.isSystemRam()) {
        end = Math.max(end, endOfRam(child, from, to));
      } else if (Long.compareUnsigned(start, from) >= 0) {
        end = child.range().endInclusive() + 1;
      }
    }
    return Long.compareUnsigned(end, to) > 0 ? to : end;
  }

  private void paintResources(long endOfLowRam) {
    long endOfHighRam = endOfRam(FOUR_GIB, -1);
    long endOfMemory = -1;
    for (Resource resource : root.children()) {
      PhysRange range = resource.range();
      boolean low = Long.compareUnsigned(range.start(), FOUR_GIB) < 0;
      long endOfRam = low ? endOfLowRam : endOfHighRam;
      boolean inRam = Long.compareUnsigned(range.endInclusive(), endOfRam) < 0;
      boolean rightAbove = range.start() == endOfMemory;
      Boolean own =
          resource.kind() == ResourceKind.RESERVED
              ? Boolean.valueOf(!inRam && !rightAbove)
              : uncachable(resource.kind());
      paint(resource, own);
      if (Boolean.FALSE.equals(own)) {
        endOfMemory = range.endInclusive() + 1;
      }
    }
  }

  /** Whether a kind of resource is uncachable; null where that follows from what it lies in. */
  private static @Nullable Boolean uncachable(ResourceKind kind) {
    if (isWindow(kind)) {
      return true;
    }
    return isMemory(kind) ? Boolean.FALSE : null;
  }

  private void paint(Resource resource, @Nullable Boolean own) {
    if (own != null) {
      paint(resource.range(), own);
    }
    for (Resource child : resource.children()) {
      paint(child, uncachable(child.kind()));
    }
  }

  private void paint(PhysRange range, boolean colour) {
    long last = range.endInclusive();
    boolean after = colourAt(last);
    uncachable.subMap(range.start(), true, last, true).clear();
    uncachable.put(range.start(), colour);
    if (last != -1) {
      uncachable.putIfAbsent(last + 1, after);
    }
  }

  private boolean colourAt(long address) {
    return Objects.requireNonNull(uncachable.floorEntry(address)).getValue();
  }

  private List<PhysRange> ranges() {
    List<PhysRange> ranges = new ArrayList<>();
    long start = 0;
    boolean open = false;
    for (Map.Entry<Long, Boolean> piece : uncachable.entrySet()) {
      if (piece.getValue() && !open) {
        start = piece.getKey();
      } else if (!piece.getValue() && open) {
        ranges.add(new PhysRange(start, piece.getKey() - 1));
      }
      open = piece.getValue();
    }
    if (open) {
      ranges.add(new PhysRange(start, -1));
    }
    return ranges;
  }
}
