// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.arch;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.machine.Architecture;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Fact;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.List;

/**
 * An architecture whose rules were not measured. Its machines can be read and shown, and each
 * request to a simulated one is refused; real memory is mapped by the system's files, with the mode
 * that each gives (C-19).
 *
 * @param facts what is known of the machine
 * @param architecture which one
 * @param geometry what it counts memory in
 */
record UnmeasuredRules(MachineFacts facts, Architecture architecture, PageGeometry geometry)
    implements ArchitectureRules {

  private MemremapException none() {
    return new MemremapException(
        Errno.EOPNOTSUPP,
        Rule.C_19,
        "rules are missing: a machine of architecture %s can be read and shown, and only the real memory of such a computer can be mapped"
            .formatted(architecture.id()));
  }

  @Override
  public boolean isMeasured() {
    return false;
  }

  @Override
  public void requireRules(Fact.Reader reader) {
    reader.reads(Fact.ARCH);
    throw none();
  }

  /** The names of the modes are Linux's, and each file of the system gives one of them. */
  @Override
  public CacheMode modeOf(MemremapFlag type) {
    return X8664Rules.mode(type);
  }

  @Override
  public CacheMode registersMode() {
    return CacheMode.UC_MINUS;
  }

  @Override
  public Refusal directMapRefusal(ResourceSnapshot resources, RemapPlan.Request request) {
    return none().refusal();
  }

  @Override
  public Refusal newMappingRefusal(ResourceSnapshot resources, RemapPlan.Request request) {
    return none().refusal();
  }

  @Override
  public boolean isBeyondAddressWidth(long address, Fact.Reader reader) {
    return facts.isBeyondAddressWidth(address, reader);
  }

  @Override
  public String beyondAddressWidth(long address) {
    return facts.beyondAddressWidth(address);
  }

  @Override
  public boolean mappingIsEncrypted(
      ResourceSnapshot resources, RemapPlan.Request request, MemremapFlag type) {
    return false;
  }

  @Override
  public List<PhysRange> seenTransformed(
      ResourceSnapshot resources, PhysRange range, boolean mappingIsEncrypted) {
    return List.of();
  }

  @Override
  public boolean altmapHoldsWholeSections() {
    return false;
  }
}
