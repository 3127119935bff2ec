// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import dev.memremap.internal.kernel.KernelChange;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceKind;
import dev.memremap.rule.Fact;
import dev.memremap.rule.Fact.Known;
import dev.memremap.rule.Fact.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Lists what is known of each fact about a machine: what its description says, with the source, and
 * else what is assumed, with what would settle it.
 *
 * <p>Thread safety: immutable.
 *
 * @param machine the machine
 */
record FactList(MachineDescription machine) {
  /** The facts, in the order of {@link Fact}, without those that the architecture lacks. */
  static List<Known> of(MachineDescription machine) {
    return new FactList(machine).all();
  }

  private List<Known> all() {
    List<Known> facts = new ArrayList<>();
    facts.add(architecture());
    addKernel(facts);
    facts.add(
        of(
            Fact.PHYS_BITS,
            Integer.toString(machine.physBits()),
            "the width of addresses is not known, so " + machine.physBits() + " bits",
            tellsWidth()));
    if (is(Fact.PHYS_BITS, Source.PROVEN)) {
      facts.add(
          of(
              Fact.PHYS_END,
              "none beyond",
              "no addresses of more than " + machine.physBits() + " bits are known",
              tellsWidth()));
    }
    if (machine.architecture() == Architecture.X86_64) {
      facts.add(physmemEnd());
    }
    facts.add(pageSize());
    if (machine.architecture() == Architecture.X86_64) {
      addMemoryTypes(facts);
    }
    facts.add(
        of(
            Fact.BARS,
            "as the map names them",
            "no numbers of base address registers are known",
            "lspci -vv"));
    facts.add(of(Fact.DRIVERS, drivers(), "no drivers are known", "lspci -k"));
    return List.copyOf(facts);
  }

  /** The drivers that the lines of BARs name; the map names others. */
  private String drivers() {
    String named =
        machine.bars().stream()
            .map(MachineDescription.Bar::driver)
            .filter(Objects::nonNull)
            .distinct()
            .collect(Collectors.joining(", "));
    return named.isEmpty() ? "as the map names them" : named;
  }

  private MachineDescription.@Nullable Origin origin(Fact fact) {
    return machine.origins().get(fact);
  }

  private boolean is(Fact fact, Source source) {
    MachineDescription.Origin origin = origin(fact);
    return origin != null && origin.source() == source;
  }

  private Known of(Fact fact, String value, String assumption, String tells) {
    MachineDescription.Origin origin = origin(fact);
    return origin == null
        ? new Known(fact, value, Source.ASSUMED, assumption, tells)
        : new Known(fact, value, origin.source(), origin.from(), "");
  }

  /** {@code /proc/cpuinfo} names the width on x86; on Arm and RISC-V no file of Linux does. */
  private String tellsWidth() {
    return switch (machine.architecture()) {
      case X86_64, I386 -> "/proc/cpuinfo";
      default -> "the processor's manual";
    };
  }

  private Known architecture() {
    String id = machine.architecture().id();
    boolean onlyX86 = machine.mtrrs() != null || origin(Fact.MEMORY_TYPES) != null;
    if (origin(Fact.ARCH) == null && onlyX86) {
      return new Known(
          Fact.ARCH, id, Source.PROVEN, "other architectures have no MTRRs and no PAT list", "");
    }
    return of(Fact.ARCH, id, "no name in the map tells the architecture, so " + id, "uname -m");
  }

  /** The kernel, and which rules are followed for it. */
  private void addKernel(List<Known> facts) {
    String release = machine.kernel();
    KernelRules.Choice choice = KernelRules.choose(release);
    String rules = choice.rules().release();
    facts.add(
        of(
            Fact.KERNEL,
            release == null ? rules : release,
            "the kernel is not known, so " + rules,
            "uname -r"));
    if (machine.architecture() != Architecture.X86_64 || release == null) {
      return;
    }
    facts.add(
        choice.isAssumed()
            ? new Known(
                Fact.KERNEL_RULES,
                rules,
                Source.ASSUMED,
                choice.assumption(),
                "'memremap conformance' with that kernel")
            : new Known(Fact.KERNEL_RULES, rules, Source.PROVEN, "the kernel's own", ""));
  }

  /** A kernel that lays the direct map out at random makes it shorter. */
  private Known physmemEnd() {
    String end = "0x%x".formatted(machine.physmemEnd());
    return of(
        Fact.PHYSMEM_END,
        end,
        "where the direct map ends is not known, so " + end,
        "/proc/cmdline, if it has nokaslr,");
  }

  private Known pageSize() {
    String size = machine.pageSize() / 1024 + "K";
    if (origin(Fact.PAGE_SIZE) == null && machine.architecture() == Architecture.X86_64) {
      return new Known(Fact.PAGE_SIZE, size, Source.PROVEN, "x86_64 has no other", "");
    }
    return of(Fact.PAGE_SIZE, size, "the page size is not known, so " + size, "getconf PAGE_SIZE");
  }

  /** What only x86 has. */
  private void addMemoryTypes(List<Known> facts) {
    MachineDescription.Mtrrs mtrrs = machine.mtrrs();
    String uncachable = "uncachable at " + list(machine.uncachable());
    facts.add(
        of(
            Fact.MTRRS,
            mtrrs != null && mtrrs.off() ? "off" : uncachable,
            "no MTRRs are known",
            "/proc/mtrr"));
    if (mtrrs != null && mtrrs.registers() != null) {
      facts.add(defaultType(isDefaultUncachable(mtrrs, machine.lastAddress())));
    }
    facts.add(
        of(
            Fact.MEMORY_TYPES,
            machine.memtypes().isEmpty()
                ? "none"
                : machine.memtypes().stream()
                    .map(MachineDescription.Memtype::toString)
                    .collect(Collectors.joining(", ")),
            "what the kernel itself has mapped is not known, so nothing",
            "/sys/kernel/debug/x86/pat_memtype_list"));
    facts.add(
        of(
            Fact.ENCRYPTION,
            machine.encryption().id(),
            "nothing says that memory is encrypted, so it is not",
            "dmesg"));
    if (KernelRules.choose(machine.kernel()).rules().has(KernelChange.SOFT_RESERVE_TREE)) {
      facts.add(softReserved());
    }
  }

  /** What an older kernel lists in its map, and a later one apart. */
  private Known softReserved() {
    boolean isPrinted = is(Fact.KERNEL, Source.READ) || is(Fact.KERNEL, Source.RECORDED);
    if (origin(Fact.SOFT_RESERVED) == null && !isPrinted && listsSoftReserved(machine.root())) {
      return new Known(
          Fact.SOFT_RESERVED, "as the map lists it", Source.PROVEN, "the map lists it", "");
    }
    return of(
        Fact.SOFT_RESERVED,
        machine.softReserved().isEmpty() ? "none" : list(machine.softReserved()),
        "what firmware leaves for a driver is not known, so nothing",
        "/sys/firmware/memmap");
  }

  private static boolean listsSoftReserved(Resource node) {
    return node.kind() == ResourceKind.SOFT_RESERVED
        || node.children().stream().anyMatch(FactList::listsSoftReserved);
  }

  /**
   * Whether the default type that was assumed is uncachable. Then something is uncachable that is
   * in no register; where the registers were not recorded, it is the end of all addresses.
   */
  static boolean isDefaultUncachable(MachineDescription.Mtrrs mtrrs, long lastAddress) {
    List<PhysRange> registers = Objects.requireNonNullElse(mtrrs.registers(), List.of());
    return mtrrs.uncachable().stream()
        .filter(range -> registers.stream().noneMatch(each -> each.contains(range)))
        .anyMatch(
            range ->
                !registers.isEmpty()
                    || Long.compareUnsigned(range.endInclusive(), lastAddress) >= 0);
  }

  /** The list of registers names neither their default type nor TOM2. */
  private static Known defaultType(boolean isUncachable) {
    String value = isUncachable ? "uncachable" : "write-back";
    return new Known(
        Fact.MTRR_DEFAULT,
        value,
        Source.ASSUMED,
        "the MTRRs' default type, and on AMD TOM2, are not known, so %s where no register says more%s"
            .formatted(value, isUncachable ? ", but for memory above 4 GiB on AMD" : ""),
        "rdmsr 0x2ff, and 0xc001001d for TOM2,");
  }

  private static String list(List<PhysRange> ranges) {
    return ranges.isEmpty()
        ? "no address"
        : ranges.stream()
            .map(range -> "0x%x+0x%x".formatted(range.start(), range.sizeBytes()))
            .collect(Collectors.joining(", "));
  }
}
