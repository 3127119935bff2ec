// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.rule.Fact;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a machine's description, to change some of them.
 *
 * <p>Thread safety: for one thread.
 */
final class MachineParts {
  private Architecture architecture;
  private @Nullable String kernel;
  private int physBits;
  private long physmemEnd;
  private MachineDescription.@Nullable Mtrrs mtrrs;
  private List<MachineDescription.Memtype> memtypes;
  private MemEncryption encryption;
  private @Nullable MemmapGeometry memmap;
  private int pageSize;
  private List<MachineDescription.Bar> bars;
  private List<PhysRange> softReserved;
  private List<PhysRange> bootData;
  private Map<Fact, MachineDescription.Origin> origins;
  private final Resource root;

  MachineParts(MachineDescription d) {
    architecture = d.architecture();
    kernel = d.kernel();
    physBits = d.physBits();
    physmemEnd = d.physmemEnd();
    mtrrs = d.mtrrs();
    memtypes = d.memtypes();
    encryption = d.encryption();
    memmap = d.memmap();
    pageSize = d.pageSize();
    bars = d.bars();
    softReserved = d.softReserved();
    bootData = d.bootData();
    origins = d.origins();
    root = d.root();
  }

  /** The machine with the parts as they are now. */
  MachineDescription machine() {
    return new MachineDescription(
        architecture,
        kernel,
        physBits,
        physmemEnd,
        mtrrs,
        memtypes,
        encryption,
        memmap,
        pageSize,
        bars,
        softReserved,
        bootData,
        origins,
        root);
  }

  MachineParts architecture(Architecture value) {
    architecture = value;
    return this;
  }

  MachineParts kernel(@Nullable String value) {
    kernel = value;
    return this;
  }

  MachineParts physBits(int value) {
    physBits = value;
    return this;
  }

  MachineParts physmemEnd(long value) {
    physmemEnd = value;
    return this;
  }

  MachineParts mtrrs(MachineDescription.Mtrrs value) {
    mtrrs = value;
    return this;
  }

  MachineParts memtypes(List<MachineDescription.Memtype> value) {
    memtypes = value;
    return this;
  }

  MachineParts encryption(MemEncryption value) {
    encryption = value;
    return this;
  }

  MachineParts memmap(MemmapGeometry value) {
    memmap = value;
    return this;
  }

  MachineParts pageSize(int value) {
    pageSize = value;
    return this;
  }

  MachineParts bars(List<MachineDescription.Bar> value) {
    bars = value;
    return this;
  }

  MachineParts softReserved(List<PhysRange> value) {
    softReserved = value;
    return this;
  }

  MachineParts bootData(List<PhysRange> value) {
    bootData = value;
    return this;
  }

  /** How each fact is known. */
  MachineParts origins(Map<Fact, MachineDescription.Origin> value) {
    origins = value;
    return this;
  }

  /** How one fact is known. */
  MachineParts origin(Fact fact, MachineDescription.Origin value) {
    Map<Fact, MachineDescription.Origin> all = new EnumMap<>(Fact.class);
    all.putAll(origins);
    all.put(fact, value);
    return origins(all);
  }
}
