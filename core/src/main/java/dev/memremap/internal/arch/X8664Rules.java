// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.arch;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.internal.log.KernelLines;
import dev.memremap.machine.MemEncryption;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.Intersection;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Fact;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * x86 with 64 bits: {@code arch/x86/mm/ioremap.c}.
 *
 * @param facts what is known of the machine
 * @param geometry what it counts memory in
 * @param kernel what it does otherwise than other kernels
 * @param known of the facts
 * @param lastProven of the facts
 * @param encryptsMemory of the facts
 */
record X8664Rules(
    MachineFacts facts,
    PageGeometry geometry,
    KernelRules kernel,
    Supplier<List<Fact.Known>> known,
    long lastProven,
    boolean encryptsMemory)
    implements ArchitectureRules {

  /** The rules of a machine of which this is known. */
  static X8664Rules of(MachineFacts facts, PageGeometry geometry, KernelRules kernel) {
    return new X8664Rules(
        facts,
        geometry,
        kernel,
        facts.known(),
        facts.lastProven(),
        facts.encryptionOfBytes() != MemEncryption.NONE);
  }

  @Override
  public boolean isMeasured() {
    return true;
  }

  @Override
  public void requireRules(Fact.Reader reader) {
    // rules exist, but another architecture would give another answer
    reader.reads(Fact.ARCH);
  }

  @Override
  public CacheMode modeOf(MemremapFlag type) {
    return mode(type);
  }

  static CacheMode mode(MemremapFlag type) {
    return switch (type) {
      case WB -> CacheMode.WB;
      case WT -> CacheMode.WT;
      case WC -> CacheMode.WC;
      case ENC, DEC -> throw new IllegalArgumentException(type + " is not a mapping type");
    };
  }

  @Override
  public CacheMode registersMode() {
    return CacheMode.UC_MINUS;
  }

  @Override
  public @Nullable Refusal directMapRefusal(ResourceSnapshot resources, RemapPlan.Request request) {
    if (!new KernelPages(resources, geometry).isPfnValid(request.offset())) {
      return new Refusal(Errno.ENXIO, Rule.MR_4, "the first page has no page structure");
    }
    if (!encryption(resources).canRamRemap(request)) {
      return MemremapFlag.DEC.in(request.flags())
          ? new Refusal(Errno.ENXIO, Rule.ENC_1, "the direct map is encrypted and DEC was given")
          : new Refusal(
              Errno.ENXIO, Rule.ENC_3, "what lies there is not encrypted, and the direct map is");
    }
    return null;
  }

  @Override
  public @Nullable Refusal newMappingRefusal(
      ResourceSnapshot resources, RemapPlan.Request request) {
    if (request.size() == 0) {
      return new Refusal(Errno.EINVAL, Rule.MR_7, "the size is 0; give the number of bytes");
    }
    if (request.wraps()) {
      return new Refusal(
          Errno.EINVAL,
          Rule.IO_1,
          "the range wraps around the end of the 64-bit address space; give a size of at most 0x%x"
              .formatted(-request.offset()));
    }
    if (isBeyondAddressWidth(request.offset(), request)) {
      request.logs(() -> KernelLines.invalidAddress(request.offset()));
      return new Refusal(Errno.EINVAL, Rule.IO_1, beyondAddressWidth(request.offset()));
    }
    if (request.region() != Intersection.DISJOINT
        && new KernelPages(resources, geometry).hasRamInUse(request.range())) {
      request.logs(() -> KernelLines.ioremapOnRam(request.range()));
      return new Refusal(
          Errno.ENXIO, Rule.IO_1, "System RAM that the kernel uses cannot be mapped anew");
    }
    return null;
  }

  @Override
  public boolean isBeyondAddressWidth(long address, Fact.Reader reader) {
    return Long.compareUnsigned(address, lastProven) > 0
        && facts.isBeyondAddressWidth(address, reader);
  }

  @Override
  public String beyondAddressWidth(long address) {
    return facts.beyondAddressWidth(address);
  }

  private EncryptionRules encryption(ResourceSnapshot resources) {
    return new EncryptionRules(facts, resources, geometry, kernel);
  }

  @Override
  public boolean mappingIsEncrypted(
      ResourceSnapshot resources, RemapPlan.Request request, MemremapFlag type) {
    return encryptsMemory && encryption(resources).mappingIsEncrypted(request, type);
  }

  @Override
  public List<PhysRange> seenTransformed(
      ResourceSnapshot resources, PhysRange range, boolean mappingIsEncrypted) {
    return encryption(resources).seenTransformed(range, mappingIsEncrypted);
  }

  @Override
  public boolean altmapHoldsWholeSections() {
    return true;
  }
}
