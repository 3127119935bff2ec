// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.cache.CacheMode;
import dev.memremap.cache.MemtypeEntry;
import dev.memremap.machine.MachineDescription;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.Memparse;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Attempt;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import dev.memremap.vectors.Maps;
import dev.memremap.vectors.VectorExceptions;
import dev.memremap.vectors.VectorRow;
import dev.memremap.vectors.VectorRows;
import dev.memremap.vectors.VectorRun;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rows of memremap and its fellows, each on a machine of its own. */
class MemremapVectorTest {
  @RegisterExtension static final VectorRun RUN = VectorRun.of("MR");

  private static final long PMEM = 0x140000000L;
  private static final Pattern EXISTING =
      Pattern.compile("existing memtype \\[0x([0-9a-f]+),0x([0-9a-f]+)\\)=(\\S+)");
  private static final Pattern ON_THE_RANGE =
      Pattern.compile("existing memtype (\\S+) on the range");
  private static final Pattern REMAP_CALL =
      Pattern.compile("p=memremap\\((0x[0-9a-f]+),(0x[0-9a-f]+),WB\\)");

  static Stream<VectorRow> memremapRows() {
    return VectorRows.all().stream().filter(row -> row.function().equals("memremap"));
  }

  static Stream<VectorRow> otherRows() {
    return VectorRows.all().stream()
        .filter(
            row -> List.of("memunmap", "devm_memremap", "devm_memunmap").contains(row.function()));
  }

  @ParameterizedTest
  @MethodSource("memremapRows")
  @DisplayName("MR-1 to MR-9: memremap answers as the row says, with its effects and no others")
  void memremap(VectorRow row) {
    long offset = Memparse.parse(row.value("offset").orElseThrow());
    long size = Memparse.parse(row.value("size").orElseThrow());
    long flags = flags(row.value("flags").orElseThrow());
    try (Machine machine = machine(row)) {
      List<MemtypeEntry> before = machine.memtypes().entries();
      RemapPlan plan = machine.explain(offset, size, flags);
      assertThat(machine.memtypes().entries()).as("explain changes nothing").isEqualTo(before);
      String answer;
      try (Mapping mapping = machine.memremap(offset, size, flags)) {
        assertThat(plan.isGranted()).as("explain agrees").isTrue();
        answer = granted(machine, mapping, offset, size, flags);
        effects(row, added(before, machine.memtypes().entries()), machine, plan);
      } catch (MemremapException e) {
        assertThat(plan.isGranted()).as("explain agrees: " + plan).isFalse();
        answer = "NULL";
        assertThat(plan.refusal().map(Refusal::errno)).contains(e.errno());
        assertThat(machine.memtypes().entries()).isEqualTo(before);
        if (VectorExceptions.of(row).isEmpty()) {
          assertThat(e.attempts()).isEqualTo(plan.attempts());
          effects(row, List.of(), machine, plan);
          assertThat(plan.departure()).as("kernels answer the same").isEmpty();
        } else {
          assertThat(e.rule()).isEqualTo(VectorExceptions.of(row).orElseThrow().winner());
        }
      }
      RUN.check(row, answer);
      assertThat(machine.memtypes().entries()).as("after memunmap").isEqualTo(before);
      assertThat(machine.memtypes().ramPages()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("otherRows")
  @DisplayName("MU-1 to MU-3: memunmap and the devm functions answer as the row says")
  void unmapAndDevm(VectorRow row) {
    try (Machine machine = machine(row)) {
      switch (row.id()) {
        case "MR-66" -> {
          Device device = machine.newDevice("d", 0);
          MemremapException e = refusal(() -> device.memremap(PMEM, 4096, 1));
          RUN.check(row, "ERR_PTR(-" + e.errno() + ")");
          assertThat(e.rule()).isEqualTo(Rule.MU_2);
          assertThat(machine.memtypes().isEmpty()).as(row.effects()).isTrue();
        }
        case "MR-67" -> {
          Device device = machine.newDevice("d");
          MemremapException e =
              refusal(
                  () ->
                      device.memremap(
                          Memparse.parse(row.value("offset").orElseThrow()),
                          Memparse.parse(row.value("size").orElseThrow()),
                          flags(row.value("flags").orElseThrow())));
          RUN.check(row, "ERR_PTR(-" + e.errno() + ")");
          assertThat(e.rule()).as(row.effects()).isEqualTo(Rule.MR_3);
          assertThat(device.devres().size()).as(row.effects()).isZero();
        }
        case "MR-68" -> {
          Mapping mapping = remapOf(machine, row);
          MemorySegment pointer = mapping.segment();
          machine.memunmap(mapping);
          pointer.set(java.lang.foreign.ValueLayout.JAVA_BYTE, 0, (byte) 7);
          boolean same = remapOf(machine, row).segment().address() == pointer.address();
          RUN.check(row, pointer.scope().isAlive() && same ? "no-op" : "unmapped");
        }
        case "MR-69" -> {
          Mapping mapping = remapOf(machine, row);
          MemorySegment pointer = mapping.segment();
          assertThat(added(List.of(), machine.memtypes().entries()))
              .containsExactly("memtype[0x140000000-0x140001000)=WB");
          machine.memunmap(mapping);
          assertThat(machine.memtypes().isEmpty()).as(row.effects()).isTrue();
          RUN.check(row, pointer.scope().isAlive() ? "no-op" : "iounmap");
        }
        case "MR-70" -> {
          Device device = machine.newDevice("d");
          Mapping foreign = machine.memremap(0x200000, 4096, 1);
          MemremapException e = refusal(() -> device.memunmap(foreign));
          assertThat(e.rule()).isEqualTo(Rule.MU_3);
          assertThat(foreign.isOpen()).isTrue();
          RUN.check(row, e.errno() == Errno.EINVAL ? "WARN_ON" : e.errno().name());
        }
        default -> throw new AssertionError("no test runs row " + row);
      }
    }
  }

  private static MemremapException refusal(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return catchThrowableOfType(MemremapException.class, call);
  }

  private static Mapping remapOf(Machine machine, VectorRow row) {
    Matcher call = REMAP_CALL.matcher(row.setup());
    assertThat(call.matches()).isTrue();
    return machine.memremap(Memparse.parse(call.group(1)), Memparse.parse(call.group(2)), 1);
  }

  private static Machine machine(VectorRow row) {
    MachineDescription description =
        MachineDescription.of(Maps.m().snapshot().root()).with("mtrr-uc", "0xc0000000+0x40000000");
    if (row.setup().contains("SME")) {
      description = description.with("mem-encrypt", "sme");
    } else if (row.setup().contains("SEV guest")) {
      description = description.with("mem-encrypt", "tdx");
    }
    if (row.setup().contains("setup_data at 0x300000")) {
      description = description.withBootData(List.of(PhysRange.of(0x300000, 0x100)));
    }
    Machine machine = Machine.simulated(description);
    Matcher existing = EXISTING.matcher(row.setup());
    Matcher onTheRange = ON_THE_RANGE.matcher(row.setup());
    if (existing.find()) {
      long start = Long.parseLong(existing.group(1), 16);
      reserve(machine, start, Long.parseLong(existing.group(2), 16) - start, existing.group(3));
    } else if (onTheRange.find()) {
      reserve(machine, PMEM, 0x1000, onTheRange.group(1));
    } else if (row.setup().contains("existing WC on first page, UC- on second")) {
      reserve(machine, PMEM, 0x1000, "WC");
      reserve(machine, PMEM + 0x1000, 0x1000, "UC-");
    }
    return machine;
  }

  private static void reserve(Machine machine, long start, long size, String mode) {
    assertThat(
            machine
                .space()
                .memtypes()
                .reserveAlias(PhysRange.of(start, size), CacheMode.of(mode).orElseThrow())
                .mode())
        .hasToString(mode);
  }

  private static long flags(String text) {
    long flags = 0;
    for (String name : text.split("\\|", -1)) {
      flags |= name.equals("0") ? 0 : MemremapFlag.valueOf(name).bit();
    }
    return flags;
  }

  private static String granted(
      Machine machine, Mapping mapping, long offset, long size, long flags) {
    assertThat(mapping.segment().byteSize()).isEqualTo(size);
    if (mapping.isDirectMap()) {
      if (!mapping.isTransformedView()) {
        assertThat(machine.memremap(offset, size, flags).segment().address())
            .as("the direct map has one address")
            .isEqualTo(mapping.segment().address());
      }
      return "VA(0x%x)".formatted(offset);
    }
    long page = offset & -4096;
    long pages = (((offset + size - 1) | 4095) + 1) - page;
    assertThat(mapping.segment().address() & 4095).isEqualTo(offset & 4095);
    return "IOMAP(0x%x,0x%x,%s)+0x%x".formatted(page, pages, mapping.cacheMode(), offset - page);
  }

  private static List<String> added(List<MemtypeEntry> before, List<MemtypeEntry> after) {
    List<MemtypeEntry> added = new ArrayList<>(after);
    before.forEach(added::remove);
    return added.stream()
        .map(
            entry ->
                "memtype[0x%x-0x%x)=%s"
                    .formatted(
                        entry.range().start(), entry.range().endInclusive() + 1, entry.mode()))
        .toList();
  }

  /** What the row expects in addition to the answer: entries made, warnings printed. */
  private static void effects(
      VectorRow row, List<String> entries, Machine machine, RemapPlan plan) {
    if (VectorExceptions.of(row).isPresent()) {
      return;
    }
    List<String> expected = new ArrayList<>();
    List<String> logged = new ArrayList<>();
    for (String effect : row.effects().split(";")) {
      switch (effect) {
        case "-", "no mapping, no memtype", "no memtype entry" -> {}
        case "RAM page bits=WB, no entry" -> assertThat(machine.memtypes().ramPages()).isEmpty();
        default -> (effect.startsWith("memtype[") ? expected : logged).add(effect);
      }
    }
    assertThat(entries).as("entries made by " + row).isEqualTo(expected);
    assertThat(logged(plan)).as("warnings and logs of " + row).isEqualTo(logged);
  }

  /** The kernel's warnings and error lines, as the plan's rules tell them. */
  private static List<String> logged(RemapPlan plan) {
    List<String> logged = new ArrayList<>();
    if (plan.rule() == Rule.MR_3) {
      logged.add("W:mixed");
    }
    for (Attempt attempt : plan.attempts()) {
      if (attempt.refusal().isEmpty()) {
        continue;
      }
      switch (attempt.rule()) {
        case IO_1 -> {
          if (attempt.reason().contains("System RAM")) {
            logged.add("W:ioremap-on-ram");
          }
        }
        case MT_8 -> {
          String found = attempt.reason().replaceFirst(".* is mapped (\\S+) already.*", "$1");
          logged.add("E:incompatible " + attempt.mode() + "->" + found);
        }
        case MT_5 -> logged.add("E:reserve -16");
        default -> {}
      }
    }
    if (plan.rule() == Rule.MR_5) {
      logged.add("W:on-ram");
    }
    return logged;
  }
}
