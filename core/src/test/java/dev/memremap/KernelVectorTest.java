// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.cache.CacheMode;
import dev.memremap.cache.MemtypeEntry;
import dev.memremap.cache.Pat;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelChange;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.internal.memtype.MemtypeTable;
import dev.memremap.internal.memtype.Mtrrs;
import dev.memremap.internal.pages.SharedTails;
import dev.memremap.internal.space.ResourceTree;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.KernelMemmap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.page.PageMapping;
import dev.memremap.page.PagemapOps;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.Plan;
import dev.memremap.plan.RemapPlan;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceDesc;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.rule.KernelLine;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.vectors.KernelVector;
import dev.memremap.vectors.Maps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The rows of {@code vectors/kernel-changes.tsv}: what differs between kernels, on map M. */
class KernelVectorTest {
  static final long RANGE = 0x180000000L;

  static Stream<KernelVector> vectors() {
    return KernelVector.all().stream();
  }

  private static KernelRules rules(String release) {
    KernelRules.Choice choice = KernelRules.choose(release);
    assertThat(choice.isAssumed()).as(release).isFalse();
    return choice.rules();
  }

  /** A kernel that differs in one change alone. */
  private static KernelRules turned(KernelRules rules, KernelChange change) {
    Set<KernelChange> changes = EnumSet.noneOf(KernelChange.class);
    changes.addAll(rules.changes());
    if (!changes.remove(change)) {
      changes.add(change);
    }
    return new KernelRules(rules.release(), changes);
  }

  @ParameterizedTest
  @MethodSource("vectors")
  @DisplayName("C-12 a machine answers as the kernel that it names")
  void answers(KernelVector vector) {
    assertThat(answer(vector, rules(vector.kernel())))
        .as("%s", vector)
        .isEqualTo(vector.expected());
  }

  @ParameterizedTest
  @EnumSource(KernelChange.class)
  @DisplayName("C-12 a change one release too early or too late is found by a vector with its row")
  void offByOne(KernelChange change) {
    List<KernelVector> ofRow =
        KernelVector.all().stream().filter(vector -> vector.row() == change.row()).toList();
    assertThat(ofRow).as("vectors of row %d", change.row()).hasSizeGreaterThanOrEqualTo(3);
    for (String release : List.of(change.last(), change.first())) {
      KernelRules planted = turned(rules(release), change);
      List<KernelVector> finds =
          ofRow.stream()
              .filter(vector -> vector.kernel().equals(release))
              .filter(vector -> !answer(vector, planted).equals(vector.expected()))
              .toList();
      assertThat(finds).as("row %d planted in %s", change.row(), release).isNotEmpty();
    }
  }

  @Test
  @DisplayName(
      "C-12 each change lies between two releases that were read, one right after the other")
  void neighbours() {
    assertThat(KernelChange.values())
        .allSatisfy(
            change -> {
              int at = KernelRules.READ.indexOf(change.last());
              assertThat(at).isNotNegative();
              assertThat(KernelRules.READ.indexOf(change.first())).isEqualTo(at + 1);
            });
    assertThat(Arrays.stream(KernelChange.values()).map(KernelChange::row)).doesNotHaveDuplicates();
    assertThat(KernelVector.all()).extracting(KernelVector::id).doesNotHaveDuplicates();
    assertThat(KernelVector.all().stream().collect(Collectors.groupingBy(KernelVector::row)))
        .allSatisfy((row, vectors) -> assertThat(vectors).hasSizeGreaterThanOrEqualTo(3));
  }

  // ---- carrying a vector out ---------------------------------------------------------------

  private static String answer(KernelVector vector, KernelRules rules) {
    return switch (vector.function()) {
      case "region_intersects" -> regionIntersects(vector, rules);
      case "memtype_free" -> memtypeFree(vector, rules);
      case "page structures" -> structures(vector, rules);
      default -> {
        try (Machine machine = Machine.builder(description(vector)).rules(rules).build()) {
          yield answer(vector, machine);
        }
      }
    };
  }

  private static MachineDescription description(KernelVector vector) {
    MachineDescription description = MachineDescription.of(Maps.m().snapshot().root());
    for (String fact : vector.facts()) {
      String[] parts = fact.split("=", 2);
      description = description.with(parts[0], parts[1]);
    }
    return description;
  }

  private static String answer(KernelVector vector, Machine machine) {
    return switch (vector.function()) {
      case "memremap" -> memremap(vector, machine);
      case "memremap_pages" ->
          machine
              .explainPages(map(vector, PagemapOps.none()))
              .refusal()
              .map(KernelVectorTest::text)
              .orElse("ok");
      case "memremap log" -> log(explain(vector, machine));
      case "memremap_pages log" -> log(machine.explainPages(map(vector, PagemapOps.none())));
      case "references" -> references(vector, machine);
      case "get_dev_pagemap" -> hint(machine);
      case "memory_failure" -> memoryFailure(vector.number("pfn"), machine);
      case "memory_failure of a mapped page" -> failureOfMapped(vector, machine);
      case "fresh count" -> freshCount(vector, machine);
      case "put to zero" -> putToZero(vector, machine);
      case "hand out" -> handOut(vector, machine);
      case "put of a free page" -> UnmappedVectors.putOfFree(vector, machine);
      case "unmap in use" -> UnmappedVectors.unmapInUse(vector, machine);
      case "unmap" -> UnmappedVectors.unmap(vector, machine);
      case "split" -> split(vector, machine);
      case "missing callback" -> missingCallback(vector, machine);
      case "region_intersects_soft_reserve" ->
          machine.regionIntersectsSoftReserve(vector.number("start"), vector.number("size")).name();
      case "request_free_mem_region", "alloc_free_mem_region" -> freeRegion(vector, machine);
      default -> throw new AssertionError(vector);
    };
  }

  private static String text(Refusal why) {
    return "-%s [%s]".formatted(why.errno(), why.rule().id());
  }

  private static String memremap(KernelVector vector, Machine machine) {
    RemapPlan plan = explain(vector, machine);
    if (!plan.isGranted()) {
      return text(plan.refusal().orElseThrow());
    }
    RemapPlan.Grant grant = plan.grant();
    return grant.direct()
        ? "direct"
        : grant.mode() + (grant.encrypted() ? " encrypted" : " decrypted");
  }

  private static RemapPlan explain(KernelVector vector, Machine machine) {
    return machine.explain(
        vector.number("start"), vector.number("size"), flags(vector.word("flags")));
  }

  private static String log(Plan plan) {
    return plan.kernelLog().isEmpty()
        ? "nothing"
        : plan.kernelLog().stream().map(KernelLine::toString).collect(Collectors.joining("; "));
  }

  private static long flags(String names) {
    return MemremapFlag.mask(
        Stream.of(names.split("\\|", -1)).map(MemremapFlag::valueOf).toArray(MemremapFlag[]::new));
  }

  static DevPagemap map(KernelVector vector, PagemapOps given) {
    DevPagemap.Builder builder =
        DevPagemap.over()
            .range(vector.number("start", RANGE), vector.number("size", 0x200000))
            .vmemmapShift((int) vector.number("shift", 0))
            .owner("owner");
    if (vector.word("type").equals("none")) {
      return builder.build();
    }
    MemoryType type = MemoryType.valueOf(vector.word("type"));
    PagemapOps ops = given;
    if (type.isHandedOut() && ops.pageFree() == null) {
      ops =
          ops.withPageFree(page -> {})
              .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS);
    }
    return builder.type(type).ops(ops).build();
  }

  private static String references(KernelVector vector, Machine machine) {
    DevPagemap map = map(vector, PagemapOps.none());
    machine.memremapPages(map);
    String references = Long.toString(map.ownReferences());
    machine.memunmapPages(map);
    return references;
  }

  private static String hint(Machine machine) {
    PercpuRef ref = PercpuRef.init();
    DevPagemap map =
        DevPagemap.over().range(RANGE, 0x200000).type(MemoryType.GENERIC).ref(ref).build();
    machine.memremapPages(map);
    ref.kill();
    assertThat(machine.getDevPagemap(RANGE >>> 12, null)).isNull();
    String found = machine.getDevPagemap(RANGE >>> 12, map) == map ? "the hint" : "nothing";
    machine.memunmapPages(map);
    return found;
  }

  private static String freshCount(KernelVector vector, Machine machine) {
    DevPagemap map = map(vector, PagemapOps.none());
    machine.memremapPages(map);
    String count = Integer.toString(page(machine).refCount());
    machine.memunmapPages(map);
    return count;
  }

  private static String memoryFailure(long pfn, Machine machine) {
    return machine.memoryFailure(pfn, 1, 0).refusal().map(KernelVectorTest::text).orElse("ok");
  }

  /** What is answered to a failure of a page that a mapping of this kind maps. */
  private static String failureOfMapped(KernelVector vector, Machine machine) {
    DevPagemap map = map(vector, PagemapOps.none());
    machine.memremapPages(map);
    Page page = page(machine);
    page.mapping(new PageMapping("/mnt/it", PageMapping.Kind.valueOf(vector.word("mapping"))));
    String answer = memoryFailure(page.pfn(), machine);
    assertThat(page.isPoisoned()).as("%s", vector).isEqualTo(answer.equals("ok"));
    machine.memunmapPages(map);
    return answer;
  }

  static Page page(Machine machine) {
    return Objects.requireNonNull(machine.page(RANGE >>> 12));
  }

  /** The count that is left, and how often page_free was called; the map must drain afterwards. */
  private static String putToZero(KernelVector vector, Machine machine) {
    AtomicInteger freed = new AtomicInteger();
    PagemapOps ops =
        vector.word("page_free").equals("yes")
            ? PagemapOps.none().withPageFree(page -> freed.incrementAndGet())
            : PagemapOps.none();
    DevPagemap map = map(vector, ops);
    machine.memremapPages(map);
    Page page = page(machine);
    if (page.refCount() == 0) {
      page.zoneDeviceInit();
    }
    page.get();
    page.put();
    assertThat(freed).as("a put that is not the last").hasValue(0);
    page.put();
    String answer = "count=%d page_free=%d".formatted(page.refCount(), freed.get());
    machine.memunmapPages(map);
    assertThat(map.state()).as("%s", vector).isEqualTo(DevPagemap.State.UNMAPPED);
    return answer;
  }

  /** What a hand-out holds and counts, and how often the callback was called at its end. */
  private static String handOut(KernelVector vector, Machine machine) {
    AtomicInteger freed = new AtomicInteger();
    DevPagemap map =
        map(
            vector,
            PagemapOps.none()
                .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS)
                .withFolioFree(page -> freed.incrementAndGet()));
    machine.memremapPages(map);
    int order = (int) vector.number("order");
    Page page = page(machine);
    String answer;
    try {
      page.zoneDeviceInit(order);
      Page last = Objects.requireNonNull(machine.page(page.pfn() + (1L << order) - 1));
      answer =
          "references=%d count=%d tail=%d order=%d"
              .formatted(
                  map.outsideReferences(),
                  page.refCount(),
                  order == 0 ? 0 : last.refCount(),
                  last.order());
      last.put();
      answer += " freed=" + freed;
    } catch (IllegalStateException refused) {
      answer = "refused";
    }
    machine.memunmapPages(map);
    assertThat(map.state()).as("%s", vector).isEqualTo(DevPagemap.State.UNMAPPED);
    return answer;
  }

  private static String split(KernelVector vector, Machine machine) {
    AtomicInteger added = new AtomicInteger();
    DevPagemap map =
        map(
            vector,
            PagemapOps.none()
                .withFolioFree(page -> {})
                .withFolioSplit((original, each) -> added.incrementAndGet())
                .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS));
    machine.memremapPages(map);
    int order = (int) vector.number("order");
    int to = (int) vector.number("to");
    Page page = page(machine);
    page.zoneDeviceInit(order);
    page.folioSplit(to);
    long references = map.outsideReferences();
    List<String> counts = new ArrayList<>();
    for (long part = 0; part < 1L << order; part += 1L << to) {
      Page first = Objects.requireNonNull(machine.page(page.pfn() + part));
      counts.add(Integer.toString(first.refCount()));
      first.put();
    }
    machine.memunmapPages(map);
    return "added=%d references=%d counts=%s"
        .formatted(added.get(), references, String.join(",", counts));
  }

  private static String missingCallback(KernelVector vector, Machine machine) {
    DevPagemap map =
        DevPagemap.over()
            .range(RANGE, 0x200000)
            .type(MemoryType.valueOf(vector.word("type")))
            .owner("owner")
            .build();
    String why = machine.explainPages(map).refusal().orElseThrow().sentence();
    return why.contains("folio_free")
        ? "folio_free"
        : why.contains("page_free") ? "page_free" : why;
  }

  private static String freeRegion(KernelVector vector, Machine machine) {
    if (vector.input().contains("requested=")) {
      PhysRange taken = PhysRange.parse(vector.word("requested"));
      machine.newDevice("other").requestMemRegion(taken, "other");
    }
    long size = vector.number("size");
    try {
      Resource base = base(vector.word("base"), machine.resources());
      Resource found =
          vector.function().startsWith("alloc")
              ? machine.allocFreeMemRegion(base, size, vector.number("align"), "region")
              : machine.requestFreeMemRegion(base, size, "region");
      return "0x%x+0x%x".formatted(found.range().start(), found.range().sizeBytes());
    } catch (MemremapException e) {
      return "-%s [%s]".formatted(e.errno(), e.rule().id());
    }
  }

  /** The outermost resource with these ends. */
  private static Resource base(String ends, ResourceSnapshot resources) {
    if (ends.equals("root")) {
      return resources.root();
    }
    PhysRange range = PhysRange.parse(ends);
    return resources.pathTo(range.start()).stream()
        .filter(resource -> resource.range().equals(range))
        .findFirst()
        .orElseThrow();
  }

  private static String regionIntersects(KernelVector vector, KernelRules rules) {
    return ResourceTree.of(Maps.m().snapshot().root(), PageGeometry.X86_64, rules)
        .snapshot()
        .regionIntersects(
            vector.number("start"),
            vector.number("size"),
            vector.number("flags"),
            ResourceDesc.NONE)
        .name();
  }

  private static String memtypeFree(KernelVector vector, KernelRules rules) {
    MemtypeTable table =
        new MemtypeTable(
            (pages, visit) -> {}, new Mtrrs(List.of()), Pat.FULL, PageGeometry.X86_64, rules);
    assertThat(vector.setup()).isEqualTo("reserved 0x1000-0x2fff");
    assertThat(table.reserve(0x1000, 0x3000, CacheMode.WC, false).isGranted()).isTrue();
    List<String> answer = new ArrayList<>();
    try {
      table.free(vector.number("start"), vector.number("end"));
    } catch (MemremapException e) {
      answer.add("-" + e.errno());
    }
    for (MemtypeEntry left : table.list().entries()) {
      answer.add("0x%x-0x%x".formatted(left.range().start(), left.range().endInclusive()));
    }
    return answer.isEmpty() ? "nothing" : String.join(" ", answer);
  }

  private static String structures(KernelVector vector, KernelRules rules) {
    MachineDescription machine = description(vector);
    boolean shares = SharedTails.in(machine.architecture(), rules);
    return "0x%x"
        .formatted(
            KernelMemmap.bytes(
                vector.number("size"),
                shares ? (int) vector.number("shift") : 0,
                false,
                machine.pageSize()));
  }
}
