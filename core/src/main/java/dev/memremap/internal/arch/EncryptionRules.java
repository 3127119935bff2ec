// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.arch;

import static dev.memremap.plan.MemremapFlag.DEC;
import static dev.memremap.plan.MemremapFlag.ENC;

import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelChange;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.machine.MemEncryption;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.Intersection;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceDesc;
import dev.memremap.resource.ResourceFlags;
import dev.memremap.resource.ResourceKind;
import dev.memremap.resource.ResourceSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Which requests a machine that encrypts memory allows, and which attribute a mapping and the
 * memory behind it have: rules ENC-1 to ENC-5, IO-4 and MR-9, each in a method.
 *
 * @param facts what is known of the machine
 * @param resources its resource tree as it stands
 * @param geometry what it counts memory in
 * @param kernel what the kernel decides
 */
record EncryptionRules(
    MachineFacts facts, ResourceSnapshot resources, PageGeometry geometry, KernelRules kernel) {

  private boolean active() {
    return facts.encryptionOfBytes() != MemEncryption.NONE;
  }

  /** ENC-1: {@code arch_memremap_can_ram_remap}. Whether the direct map may serve the request. */
  boolean canRamRemap(RemapPlan.Request request) {
    long flags = request.flags();
    if (ENC.in(flags) || isPlainRam(flags)) {
      return true;
    }
    return canRamRemap(facts.encryption(request), request.offset(), request.size(), DEC.in(flags));
  }

  /**
   * Whether the direct map serves System RAM with any encryption: the request does not ask for
   * decrypted memory, and no RAM lies where the firmware's map or persistent memory may need it
   * decrypted (ENC-2).
   */
  private boolean isPlainRam(long flags) {
    return !DEC.in(flags) && facts.bootData().isEmpty() && !resources.hasSystemRamInside();
  }

  private boolean canRamRemap(MemEncryption encryption, long offset, long size, boolean decrypted) {
    if (encryption == MemEncryption.NONE) {
      return true;
    }
    if (decrypted || (encryption == MemEncryption.SME && isBootData(offset))) {
      return false;
    }
    return !shouldMapDecrypted(encryption, offset, size);
  }

  /** ENC-5: {@code memremap_is_setup_data}: only the first byte asked for is looked at. */
  private boolean isBootData(long offset) {
    return facts.bootData().stream().anyMatch(data -> data.contains(offset));
  }

  /** ENC-2: {@code memremap_should_map_decrypted}. */
  private boolean shouldMapDecrypted(MemEncryption encryption, long offset, long size) {
    if (resources.regionIntersects(offset, size, ResourceFlags.MEM, ResourceDesc.PERSISTENT_MEMORY)
        != Intersection.DISJOINT) {
      return true;
    }
    return switch (firmwareKind(offset, size)) {
      case RESERVED, ACPI_TABLES, ACPI_NVS, UNUSABLE -> !encryption.isGuest();
      case PERSISTENT_MEMORY_LEGACY -> true;
      default -> false;
    };
  }

  /** What the firmware's map says of a range that lies wholly in one entry of it. */
  private ResourceKind firmwareKind(long offset, long size) {
    if (size == 0 || Long.compareUnsigned(offset + size - 1, offset) < 0) {
      return ResourceKind.OTHER;
    }
    PhysRange range = PhysRange.of(offset, size);
    List<Resource> path = resources.pathTo(offset);
    return !path.isEmpty() && path.getFirst().range().contains(range)
        ? path.getFirst().kind()
        : ResourceKind.OTHER;
  }

  /**
   * ENC-4: whether the memory in the page at this address is encrypted. False for windows of
   * devices and holes, which the processor never encrypts.
   */
  boolean memoryIsEncrypted(long pageAddress) {
    if (!active()) {
      return false;
    }
    boolean mayBePrivate =
        switch (firmwareKind(pageAddress, 1)) {
          case RESERVED, ACPI_TABLES, ACPI_NVS, UNUSABLE -> true;
          default -> resources.systemRamRunAt(pageAddress).isPresent();
        };
    return mayBePrivate
        && canRamRemap(facts.encryptionOfBytes(), pageAddress, geometry.pageBytes(), false);
  }

  /**
   * The pages of a range whose memory has another attribute than a mapping of it, in ascending
   * pieces.
   *
   * <p>The attribute changes only where a resource or boot data begins or ends, so one page of each
   * piece between two such places answers for all of it.
   */
  List<PhysRange> seenTransformed(PhysRange range, boolean mappingIsEncrypted) {
    if (!active()) {
      return List.of();
    }
    PhysRange pages = range.roundOutTo(geometry.pageBytes());
    NavigableSet<Long> cuts = new TreeSet<>(Long::compareUnsigned);
    cuts.add(pages.start());
    addCuts(resources.root(), pages, cuts);
    facts.bootData().forEach(data -> addCuts(data, pages, cuts));
    List<PhysRange> pieces = new ArrayList<>();
    for (long start : cuts) {
      Long next = cuts.higher(start);
      if (memoryIsEncrypted(start) != mappingIsEncrypted) {
        pieces.add(new PhysRange(start, next == null ? pages.endInclusive() : next - 1));
      }
    }
    return pieces;
  }

  private void addCuts(Resource node, PhysRange pages, NavigableSet<Long> cuts) {
    for (Resource child : node.children()) {
      if (child.range().overlaps(pages)) {
        addCuts(child.range(), pages, cuts);
        addCuts(child, pages, cuts);
      }
    }
  }

  private void addCuts(PhysRange piece, PhysRange pages, NavigableSet<Long> cuts) {
    long inPage = geometry.pageBytes() - 1;
    long[] edges = {piece.start(), piece.endInclusive() + 1};
    for (long edge : edges) {
      for (long cut : new long[] {edge & ~inPage, (edge + inPage) & ~inPage}) {
        if (pages.contains(cut)) {
          cuts.add(cut);
        }
      }
    }
  }

  /** MR-9 and IO-4: whether a new mapping of the range is encrypted. */
  boolean mappingIsEncrypted(RemapPlan.Request request, MemremapFlag mode) {
    if (!facts.encryptionOfBytes().isGuest()) {
      return false;
    }
    if (hasBusyDescribedResource(resources.root(), request.range())) {
      return true;
    }
    if (mode != MemremapFlag.WB || DEC.in(request.flags())) {
      return false;
    }
    KernelRules.noteRead(request);
    return kernel.has(KernelChange.WB_IS_ENCRYPTED);
  }

  /** IO-4: a busy resource in the range whose descriptor is neither none nor reserved. */
  private static boolean hasBusyDescribedResource(Resource node, PhysRange range) {
    for (Resource child : node.children()) {
      if (child.range().overlaps(range)
          && ((child.isBusy()
                  && child.desc() != ResourceDesc.NONE
                  && child.desc() != ResourceDesc.RESERVED)
              || hasBusyDescribedResource(child, range))) {
        return true;
      }
    }
    return false;
  }
}
