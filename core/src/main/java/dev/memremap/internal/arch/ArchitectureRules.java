// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.arch;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.machine.MachineDescription;
import dev.memremap.machine.MemEncryption;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.rule.Fact;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel leaves to the processor's architecture. A new architecture is a new
 * implementation and a row of {@link #of}.
 *
 * <p>Thread safety: implementations are immutable.
 */
public interface ArchitectureRules {
  /** The rules of a machine. */
  static ArchitectureRules of(MachineDescription machine) {
    return of(machine, KernelRules.choose(machine.kernel()).rules());
  }

  /** The rules of a machine with another kernel. */
  static ArchitectureRules of(MachineDescription machine, KernelRules kernel) {
    MachineFacts facts = MachineFacts.of(machine);
    return switch (machine.architecture()) {
      case X86_64 -> X8664Rules.of(facts, PageGeometry.X86_64, kernel);
      default ->
          new UnmeasuredRules(
              facts, machine.architecture(), PageGeometry.X86_64.withPages(machine.pageSize()));
    };
  }

  /** The facts about the machine, which answers rest on. */
  MachineFacts facts();

  /** Whether what a kernel of this architecture answers has been measured (C-19). */
  boolean isMeasured();

  /**
   * Passes if the architecture has rules.
   *
   * @param reader told that the answer rests on the architecture
   * @throws MemremapException {@code EOPNOTSUPP} if it has none (C-19)
   */
  void requireRules(Fact.Reader reader);

  /**
   * Passes if the architecture has rules; for page maps, whose plan notes itself that it rests on
   * the architecture.
   */
  default void requireRules() {
    requireRules(fact -> {});
  }

  /** Tells what is known of each fact, and how; computed when it is asked for. */
  default Supplier<List<Fact.Known>> known() {
    return facts().known();
  }

  /** Whether the bytes of memory are encrypted. */
  default boolean encryptsMemory() {
    return facts().encryptionOfBytes() != MemEncryption.NONE;
  }

  /** What it counts memory in. */
  PageGeometry geometry();

  /** The cache mode that a mapping type asks for (IO-3). */
  CacheMode modeOf(MemremapFlag type);

  /** The cache mode that registers ask for: that of {@code ioremap}. */
  CacheMode registersMode();

  /**
   * Why the direct map cannot serve WB on System RAM: the first page lacks a page structure, or
   * {@code arch_memremap_can_ram_remap} refuses (MR-4, ENC-1).
   *
   * @return null if it can
   */
  @Nullable Refusal directMapRefusal(ResourceSnapshot resources, RemapPlan.Request request);

  /**
   * Why no new mapping of a range can be made, whatever its mode (IO-1).
   *
   * @return null if one can
   */
  @Nullable Refusal newMappingRefusal(ResourceSnapshot resources, RemapPlan.Request request);

  /** Whether the machine has no such address. */
  boolean isBeyondAddressWidth(long address, Fact.Reader reader);

  /** That the machine has no such address, as a sentence. */
  String beyondAddressWidth(long address);

  /** Whether a new mapping of a range is encrypted (MR-9, IO-4). */
  boolean mappingIsEncrypted(
      ResourceSnapshot resources, RemapPlan.Request request, MemremapFlag type);

  /**
   * The pages of a range whose memory has another encryption attribute than a mapping of it, in
   * ascending pieces.
   */
  List<PhysRange> seenTransformed(
      ResourceSnapshot resources, PhysRange range, boolean mappingIsEncrypted);

  /** Whether an altmap holds page structures of whole sections only (C-8). */
  boolean altmapHoldsWholeSections();
}
