// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import dev.memremap.IoMemory;
import dev.memremap.Machine;
import dev.memremap.MachineBuilder.KernelRow;
import dev.memremap.cache.CacheMode;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.PagemapOps;
import dev.memremap.plan.IoremapPlan;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.Plan;
import dev.memremap.resource.Memparse;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.KernelLine;
import dev.memremap.scenario.Kernel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The calls that a guest is given, planned and carried out on our machine, with what the plans say
 * that a kernel logs. What is logged once a boot is left out from the second time on.
 */
final class PlannedCalls {
  private final MachineDescription description;
  private final Set<KernelRow> rows;
  private final Map<String, DevPagemap> maps = new HashMap<>();
  private final Set<KernelLine> printed = new HashSet<>();
  private Machine machine;

  /** What the last {@code ioremap} answers, as the module writes it. */
  private String registers = "";

  /**
   * Plans the calls for a guest.
   *
   * @param withoutRow a row of {@code docs/kernels.md} that this kernel lacks, though its series
   *     has it; 0 if it lacks none
   */
  PlannedCalls(JudgeMachine guest, GuestKernel kernel, int withoutRow) {
    MachineDescription described = MachineDescription.parse(guest.iomem());
    Kernel followed = new Kernel(kernel.series());
    for (String setting : guest.settings(followed).split(" ")) {
      int equals = setting.indexOf('=');
      described = described.with(setting.substring(0, equals), setting.substring(equals + 1));
    }
    description = described;
    rows =
        KernelRow.of(followed.version()).stream()
            .filter(row -> row.number() != withoutRow)
            .collect(Collectors.toSet());
    machine = booted();
  }

  private Machine booted() {
    return Machine.builder(description).kernelRows(rows).build();
  }

  /** The calls; each {@code ioremap} with its answer, all others with an empty one. */
  List<LoggedCall> of(List<String> lines) {
    try {
      return lines.stream().map(String::strip).map(this::planned).toList();
    } finally {
      machine.close();
    }
  }

  private LoggedCall planned(String line) {
    registers = "";
    List<LoggedCall.Line> log = logged(line.split(" "));
    return new LoggedCall(line, registers, log);
  }

  private List<LoggedCall.Line> logged(String... words) {
    List<LoggedCall.Line> log = new ArrayList<>();
    for (KernelLine line : carryOut(words)) {
      if (!line.onceABoot() || printed.add(site(line))) {
        log.add(new LoggedCall.Line(line.text(), line.stackDumpOf()));
      }
    }
    return log;
  }

  /** The place in the kernel that prints a line, whatever addresses it prints. */
  private static KernelLine site(KernelLine line) {
    String words = line.text().replaceAll("0x[0-9a-f]+", "").replaceAll("(mixed|ram) region", "");
    return new KernelLine(words, line.onceABoot(), line.stackDumpOf());
  }

  private List<KernelLine> carryOut(String... words) {
    return switch (words[0]) {
      case "memremap" -> memremap(words);
      case "ioremap" -> ioremap(words);
      case "pgmap" -> {
        maps.put(words[1], map(words));
        yield List.of();
      }
      case "remap-pages" -> remapPages(maps.get(words[1]));
      case "unmap-pages" -> {
        // its map was refused by a departure (D-1), and a kernel's was made
        yield List.of();
      }
      case "end" -> {
        machine.close();
        machine = booted();
        yield List.of();
      }
      default -> throw new IllegalArgumentException(String.join(" ", words));
    };
  }

  private List<KernelLine> memremap(String... words) {
    long start = Memparse.parse(words[2]);
    long size = Memparse.parse(words[3]);
    long flags =
        MemremapFlag.mask(
            Stream.of(words[4].split("\\|"))
                .map(MemremapFlag::valueOf)
                .toArray(MemremapFlag[]::new));
    Plan plan = machine.explain(start, size, flags);
    if (plan.isGranted()) {
      machine.memremap(start, size, flags);
    }
    return plan.kernelLog();
  }

  private List<KernelLine> ioremap(String... words) {
    PhysRange range = PhysRange.of(Memparse.parse(words[2]), Memparse.parse(words[3]));
    CacheMode mode = CacheMode.of(words[4]).orElseThrow();
    IoremapPlan plan = machine.explainIoremap(range, mode);
    registers = plan.cacheMode().map(granted -> "ok mode=" + granted).orElse("null");
    if (plan.isGranted() && mode == CacheMode.UC_MINUS) {
      IoMemory registers = machine.ioremap(range);
      assert registers.range().equals(range);
    }
    return plan.kernelLog();
  }

  private List<KernelLine> remapPages(DevPagemap map) {
    Plan plan = machine.explainPages(map);
    if (plan.isGranted()) {
      machine.memremapPages(map);
    }
    return plan.kernelLog();
  }

  private DevPagemap map(String... words) {
    DevPagemap.Builder map = DevPagemap.over();
    for (int i = 2; i < words.length; i++) {
      String value = words[i].substring(words[i].indexOf('=') + 1);
      switch (words[i].substring(0, words[i].indexOf('='))) {
        case "type" -> {
          if (!value.equals("0")) {
            map.type(MemoryType.valueOf(value));
          }
        }
        case "range" ->
            Stream.of(value.split(","))
                .map(PhysRange::parse)
                .forEach(range -> map.range(range.start(), range.sizeBytes()));
        case "altmap" -> {
          String[] pages = value.split(",");
          map.altmap(Long.parseLong(pages[0]), Long.parseLong(pages[1]), machine.pageSize());
        }
        case "shift" -> map.vmemmapShift(Integer.parseInt(value));
        case "ops" -> map.ops(ops(value));
        default -> throw new IllegalArgumentException(words[i]);
      }
    }
    return map.build();
  }

  private static PagemapOps ops(String names) {
    PagemapOps ops = PagemapOps.none();
    if (names.contains("page_free")) {
      ops = ops.withPageFree(page -> {});
    }
    return names.contains("migrate_to_ram")
        ? ops.withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS)
        : ops;
  }
}
