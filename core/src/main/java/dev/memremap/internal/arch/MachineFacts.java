// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.arch;

import dev.memremap.machine.MachineDescription;
import dev.memremap.machine.MemEncryption;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.rule.Fact;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The facts about a machine as rules see them. A rule has no other way to them, and each question
 * takes a reader that notes the fact: so an answer knows all facts that it rests on. Each question
 * notes as little as possible: whether an address lies beyond the last one, instead of how wide
 * addresses are.
 *
 * <p>Thread safety: implementations are immutable.
 */
public interface MachineFacts {
  /** What the length of a direct map is a multiple of where KASLR makes it shorter. */
  long DIRECT_MAP_UNIT = 1L << 40;

  /** The facts of a machine. */
  static MachineFacts of(MachineDescription machine) {
    return new Described(
        new Once(machine),
        machine.physBits(),
        machine.lastAddress(),
        machine.lastProvenAddress(),
        machine.physmemEnd(),
        lastProvenPhysmem(machine.root()),
        machine.encryption(),
        machine.bootData());
  }

  /** The direct map reaches as far as RAM does, in whole units of 1 TiB. */
  private static long lastProvenPhysmem(Resource root) {
    List<Resource> children = root.children();
    for (int i = children.size() - 1; i >= 0; i--) {
      if (children.get(i).isSystemRam()) {
        return children.get(i).range().endInclusive() | (DIRECT_MAP_UNIT - 1);
      }
    }
    return DIRECT_MAP_UNIT - 1;
  }

  /** Tells what is known of each fact, and how; computed when it is asked for. */
  Supplier<List<Fact.Known>> known();

  /** Whether the machine has no such address. */
  boolean isBeyondAddressWidth(long address, Fact.Reader reader);

  /** The last address that the machine has, even if all assumptions are wrong. */
  long lastProven();

  /** The last address that the machine has. */
  long lastAddress(Fact.Reader reader);

  /**
   * The first address that the direct map does not reach; who asks notes {@link Fact#PHYSMEM_END}.
   */
  long physmemEnd();

  /** An address that the direct map reaches, even if all assumptions are wrong. */
  long lastProvenPhysmem();

  /** A sentence that says that the machine lacks this address. */
  String beyondAddressWidth(long address);

  /** How memory is encrypted. */
  MemEncryption encryption(Fact.Reader reader);

  /**
   * How the bytes of memory are encrypted, which decides what is seen in them. No request is
   * granted or refused by this.
   */
  MemEncryption encryptionOfBytes();

  /**
   * What the firmware left unencrypted in System RAM (ENC-5); part of no map, and never assumed.
   */
  List<PhysRange> bootData();

  /**
   * What is known, computed when it is first asked for.
   *
   * <p>Thread safety: {@code found} is volatile; racing threads compute equal lists.
   */
  final class Once implements Supplier<List<Fact.Known>> {
    private final MachineDescription machine;
    private volatile @Nullable List<Fact.Known> found;

    private Once(MachineDescription machine) {
      this.machine = machine;
    }

    @Override
    public List<Fact.Known> get() {
      List<Fact.Known> facts = found;
      if (facts == null) {
        facts = machine.facts();
        found = facts;
      }
      return facts;
    }
  }

  /** The facts that a description holds. */
  record Described(
      Supplier<List<Fact.Known>> known,
      int physBits,
      long last,
      long lastProven,
      long physmemEnd,
      long lastProvenPhysmem,
      MemEncryption encryptionOfBytes,
      List<PhysRange> bootData)
      implements MachineFacts {

    @Override
    public boolean isBeyondAddressWidth(long address, Fact.Reader reader) {
      if (Long.compareUnsigned(address, lastProven) <= 0) {
        return false;
      }
      return Long.compareUnsigned(address, lastAddress(reader)) > 0;
    }

    @Override
    public long lastAddress(Fact.Reader reader) {
      reader.reads(Fact.PHYS_BITS);
      reader.reads(Fact.PHYS_END);
      return last;
    }

    @Override
    public String beyondAddressWidth(long address) {
      return "0x%x lies beyond the machine's last address, 0x%x (phys-bits %d)"
          .formatted(address, last, physBits);
    }

    @Override
    public MemEncryption encryption(Fact.Reader reader) {
      reader.reads(Fact.ENCRYPTION);
      return encryptionOfBytes;
    }
  }
}
