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
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.List;

/**
 * An architecture whose rules were not measured: its machines can be read and shown, and each
 * request is refused (C-19).
 *
 * @param architecture which one
 * @param geometry what it counts memory in
 */
record UnmeasuredRules(Architecture architecture, PageGeometry geometry)
    implements ArchitectureRules {

  private MemremapException none() {
    return new MemremapException(
        Errno.EOPNOTSUPP,
        Rule.C_19,
        "a machine of architecture %s can be read and shown, but nothing can be mapped on it yet"
            .formatted(architecture.id()));
  }

  @Override
  public void requireRules() {
    throw none();
  }

  @Override
  public CacheMode modeOf(MemremapFlag type) {
    throw none();
  }

  @Override
  public CacheMode registersMode() {
    throw none();
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
  public boolean isBeyondAddressWidth(long address) {
    throw none();
  }

  @Override
  public String beyondAddressWidth(long address) {
    throw none();
  }

  @Override
  public boolean mappingIsEncrypted(
      ResourceSnapshot resources, PhysRange range, MemremapFlag type, long flags) {
    throw none();
  }

  @Override
  public List<PhysRange> seenTransformed(
      ResourceSnapshot resources, PhysRange range, boolean mappingIsEncrypted) {
    throw none();
  }

  @Override
  public boolean altmapHoldsWholeSections() {
    return false;
  }
}
