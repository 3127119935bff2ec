// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.Device;
import dev.memremap.Machine;
import dev.memremap.cache.CacheMode;
import dev.memremap.cache.MemtypeEntry;
import dev.memremap.internal.sim.SparseMemory;
import dev.memremap.machine.MachineDescription;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.PagemapPlan;
import dev.memremap.ref.PercpuRef;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import dev.memremap.spi.FailingMemory;
import dev.memremap.testing.LoggedLines;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The order of checks, what a failure leaves, and what is logged and recorded. */
class PagemapChecksTest {
  private static final long START = 0x40000000L;
  private static final long MIB = 1 << 20;
  private static final String MAP =
      """
      # phys-bits=46
      # memmap=kernel
      00001000-3fffffff : System RAM
      40000000-7fffffff : Persistent Memory
      """;

  /** A range with something wrong, in the order in which C-13 looks for it. */
  private enum Wrong {
    FIRST_PAGE_LIVE(Errno.ENOMEM, Rule.DP_5),
    RAM(Errno.ENXIO, Rule.C_3),
    EMPTY(Errno.EINVAL, Rule.C_13),
    LIVE_INSIDE(Errno.ENOMEM, Rule.D_2),
    TWO_MODES(Errno.EBUSY, Rule.C_11),
    BEYOND(Errno.EINVAL, Rule.C_13),
    ALTMAP_TOO_LARGE(Errno.EINVAL, Rule.AM_6),
    MISALIGNED(Errno.EINVAL, Rule.C_4),
    DRAINING(Errno.EEXIST, Rule.C_2),
    ALTMAP_TOO_SMALL(Errno.ENOMEM, Rule.D_13),
    COMPOUND(Errno.EINVAL, Rule.D_16);

    private final Errno errno;
    private final Rule rule;

    Wrong(Errno errno, Rule rule) {
      this.errno = errno;
      this.rule = rule;
    }
  }

  private static Machine machine() {
    return Machine.simulated(MachineDescription.parse(MAP));
  }

  private static DevPagemap.Builder generic(long start, long size) {
    return DevPagemap.over().range(start, size).type(MemoryType.GENERIC);
  }

  /** A machine and a map with these two wrong at once; null where they cannot be. */
  private static @Nullable MemremapException refusalOf(Machine machine, Wrong a, Wrong b) {
    boolean ram = a == Wrong.RAM || b == Wrong.RAM;
    long start = ram ? START - 128 * MIB : START;
    long size = 256 * MIB;
    if (is(Wrong.EMPTY, a, b)) {
      // of what needs bytes, an empty range has nothing
      return null;
    }
    if (is(Wrong.FIRST_PAGE_LIVE, a, b)) {
      if (ram) {
        return null;
      }
      machine.memremapPages(generic(start, 2 * MIB).build());
    }
    if (is(Wrong.LIVE_INSIDE, a, b)) {
      machine.memremapPages(generic(START + 32 * MIB, 2 * MIB).build());
    }
    if (is(Wrong.TWO_MODES, a, b)) {
      machine.memremap(START + 64 * MIB, 4096, MemremapFlag.WC.bit());
      machine.memremap(START + 66 * MIB, 4096, MemremapFlag.WB.bit());
    }
    if (is(Wrong.DRAINING, a, b)) {
      DevPagemap draining = generic(START + 96 * MIB, 2 * MIB).build();
      machine.memremapPages(draining);
      machine.getDevPagemap(START + 96 * MIB >>> 12, null);
      catchThrowableOfType(
          MemremapException.class, () -> machine.memunmapPages(draining, Duration.ZERO));
    }
    if (is(Wrong.BEYOND, a, b)) {
      size = (1L << 46) - start + 2 * MIB;
    }
    if (is(Wrong.MISALIGNED, a, b)) {
      size -= MIB;
    }
    DevPagemap.Builder builder = generic(start, size);
    if (is(Wrong.ALTMAP_TOO_LARGE, a, b)) {
      builder.altmap(0, (size >>> 12) + 1, 4096);
    } else if (is(Wrong.ALTMAP_TOO_SMALL, a, b)) {
      builder.altmap(0, 511, 4096);
    }
    if (is(Wrong.COMPOUND, a, b)) {
      builder.vmemmapShift(30);
    }
    return catchThrowableOfType(
        MemremapException.class, () -> machine.memremapPages(builder.build()));
  }

  private static boolean is(Wrong wanted, Wrong a, Wrong b) {
    return a == wanted || b == wanted;
  }

  @Test
  @DisplayName(
      "C-13 of two things that are wrong with a range, the earlier in the order is answered")
  void order() {
    int pairs = 0;
    for (Wrong a : Wrong.values()) {
      for (Wrong b : Wrong.values()) {
        boolean bothAltmaps = is(Wrong.ALTMAP_TOO_LARGE, a, b) && is(Wrong.ALTMAP_TOO_SMALL, a, b);
        if (a.compareTo(b) > 0 || bothAltmaps) {
          continue;
        }
        try (Machine machine = machine()) {
          MemremapException refused = refusalOf(machine, a, b);
          if (refused != null) {
            assertThat(refused.errno()).as("%s and %s: %s", a, b, refused).isEqualTo(a.errno);
            assertThat(refused.rule()).as("%s and %s: %s", a, b, refused).isEqualTo(a.rule);
            pairs++;
          }
          machine.pagemaps().stream()
              .filter(map -> map.state() != DevPagemap.State.LIVE)
              .forEach(DevPagemap::put);
        }
      }
    }
    assertThat(pairs).isGreaterThan(40);
  }

  @Test
  @DisplayName("C-13 what belongs to the map is looked at before its ranges, in order")
  void mapBeforeRanges() {
    try (Machine machine = machine()) {
      PercpuRef dead = PercpuRef.init(PercpuRef.Flag.INIT_DEAD);
      DevPagemap.Builder all = DevPagemap.over().range(0x100000, 5).ref(dead);
      assertRefused(machine, all.build(), Errno.EINVAL, Rule.D_1);
      all.type(MemoryType.PRIVATE);
      assertRefused(machine, all.build(), Errno.EINVAL, Rule.TY_1, "migrate_to_ram");
      PagemapOps ops =
          PagemapOps.none().withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.OOM);
      all.ops(ops);
      assertRefused(machine, all.build(), Errno.EINVAL, Rule.TY_1, "page_free");
      all.ops(ops.withPageFree(page -> {}));
      assertRefused(machine, all.build(), Errno.EINVAL, Rule.TY_1, "owner");
      all.owner("me");
      assertRefused(machine, all.build(), Errno.EINVAL, Rule.C_1);
      all.ref(PercpuRef.init());
      assertRefused(machine, all.build(), Errno.ENXIO, Rule.C_3);
      assertRefused(
          machine, DevPagemap.over().type(MemoryType.GENERIC).build(), Errno.EINVAL, Rule.DP_1);
    }
  }

  private static void assertRefused(
      Machine machine, DevPagemap map, Errno errno, Rule rule, String... words) {
    MemremapException refused =
        catchThrowableOfType(MemremapException.class, () -> machine.memremapPages(map));
    assertThat(refused).isNotNull();
    assertThat(refused.errno()).isEqualTo(errno);
    assertThat(refused.rule()).isEqualTo(rule);
    for (String word : words) {
      assertThat(refused.sentence()).contains(word);
    }
    assertThat(machine.explainPages(map).refusal().map(Refusal::rule)).contains(rule);
  }

  @Test
  @DisplayName(
      "D-10 a part of a page is too much, and what kernels would drop is named a departure")
  void wholeSubsections() {
    try (Machine machine = machine()) {
      for (long[] range :
          new long[][] {{START + 1, 2 * MIB}, {START, 2 * MIB + 1}, {START + 2048, 4 * MIB}}) {
        PagemapPlan plan = machine.explainPages(generic(range[0], range[1]).build());
        assertThat(plan.refusal().map(Refusal::rule)).contains(Rule.D_10);
        assertThat(plan.departure()).contains(Rule.D_10);
      }
      for (long[] range :
          new long[][] {{START + 4096, 2 * MIB}, {START, 2 * MIB - 1}, {START, 4096}}) {
        PagemapPlan plan = machine.explainPages(generic(range[0], range[1]).build());
        assertThat(plan.refusal().map(Refusal::rule)).contains(Rule.C_4);
        assertThat(plan.departure()).isEmpty();
      }
    }
  }

  @Test
  @DisplayName("C-11, D-15 a map takes the mode that is there, and a WT alias makes it WT")
  void modes() {
    try (Machine machine = machine()) {
      machine.memremap(START, 4096, MemremapFlag.WT.bit());
      DevPagemap map = generic(START, 2 * MIB).build();
      machine.memremapPages(map);
      assertThat(map.cacheMode()).isEqualTo(CacheMode.WT);
    }
  }

  @Test
  @DisplayName("MT-10 a map's later range asks for the mode that the range before it was given")
  void laterRangeAsksForTheModeOfTheFirst() {
    try (Machine machine =
        Machine.simulated(
            MachineDescription.parse(
                """
                # phys-bits=46
                # memmap=kernel
                # mtrr-uc=0x80000000+256M
                00001000-3fffffff : System RAM
                40000000-7fffffff : Persistent Memory
                80000000-8fffffff : PCI Bus 0000:00
                """))) {
      DevPagemap uncached =
          generic(0x80000000L, 64 * MIB).range(START, 64 * MIB).name("uncached").build();
      machine.memremapPages(uncached);
      assertThat(machine.memtypes().toString()).doesNotContain("write-back");
      machine.memunmapPages(uncached);

      machine.memremap(START + 4096, 4096, MemremapFlag.WB.bit());
      DevPagemap again = generic(0x80000000L, 64 * MIB).range(START, 64 * MIB).build();
      MemremapException refused =
          catchThrowableOfType(MemremapException.class, () -> machine.memremapPages(again));
      assertThat(refused.errno()).isEqualTo(Errno.EINVAL);
      assertThat(refused.rule()).isEqualTo(Rule.C_11);

      // where the cached range comes first, it asks for WB, and the other is given what it can
      DevPagemap turned = generic(START, 64 * MIB).range(0x80000000L, 64 * MIB).build();
      machine.memremapPages(turned);
      machine.memunmapPages(turned);
    }
  }

  @Test
  @DisplayName("D-11 whatever fails while a map is made, nothing of it is left")
  void failuresLeaveNothing() {
    FailingMemory memory = new FailingMemory(SparseMemory.open());
    try (Machine machine = Machine.builder(MachineDescription.parse(MAP)).memory(memory).build()) {
      Device device = machine.newDevice("d");
      PercpuRef ref = PercpuRef.init();
      DevPagemap map =
          DevPagemap.over()
              .range(START, 128 * MIB)
              .type(MemoryType.GENERIC)
              .altmap(1, 1535, 4096)
              .ref(ref)
              .build();
      List<MemtypeEntry> before = machine.memtypes().entries();
      for (RuntimeException failure :
          List.of(
              new MemremapException(Errno.ENOMEM, Rule.LIB_1, "no mapping is left"),
              new IllegalStateException("closed"))) {
        memory.failNextMap(() -> failure);
        assertThat(catchThrowableOfType(RuntimeException.class, () -> device.memremapPages(map)))
            .isSameAs(failure);
        assertThat(machine.memtypes().entries()).isEqualTo(before);
        assertThat(machine.pagemaps().size()).isZero();
        assertThat(memory.openMappings()).isZero();
        assertThat(device.devres().size()).isZero();
        assertThat(ref.references()).isEqualTo(1);
        assertThat(map.altmap().map(VmemAltmap::align)).contains(0L);
        assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
      }
      device.memremapPages(map);
      Page page = Objects.requireNonNull(machine.page((START >>> 12) + 2000));
      memory.failNextMap(() -> new MemremapException(Errno.ENOMEM, Rule.LIB_1, "none is left"));
      assertThat(catchThrowableOfType(MemremapException.class, page::get))
          .as("the altmap's pages are mapped at the first touch")
          .isNotNull();
      assertThat(ref.references()).isEqualTo(1 + map.ownReferences());
      page.get();
      page.put();
      ref.kill();
      device.release();
      assertThat(memory.openMappings()).isZero();
      assertThat(ref.isZero()).isTrue();
    }
  }

  @Test
  @DisplayName("D-5 misuse of a map is refused, and changes nothing")
  void misuse() {
    try (Machine machine = machine()) {
      Device device = machine.newDevice("d");
      Device other = machine.newDevice("e");
      DevPagemap map = generic(START, 2 * MIB).build();
      assertMisuse(() -> machine.memunmapPages(map), "not mapped");
      assertMisuse(() -> device.memunmapPages(map), "does not manage");
      assertMisuse(map::put, "not mapped");
      device.memremapPages(map);
      assertMisuse(() -> device.memremapPages(map), "mapped already");
      assertMisuse(() -> machine.memunmapPages(map), "device d manages it");
      assertMisuse(() -> other.memunmapPages(map), "does not manage");
      assertThat(map.state()).isEqualTo(DevPagemap.State.LIVE);
      device.memunmapPages(map);
      machine.memremapPages(map);
      assertMisuse(() -> device.memunmapPages(map), "does not manage");
      machine.memunmapPages(map);
    }
  }

  @Test
  @DisplayName("D-5 an explanation of a map that is live or drains is refused as its mapping is")
  void explainedInEachState() {
    try (Machine machine = machine()) {
      DevPagemap map = generic(START, 2 * MIB).ref(PercpuRef.init()).build();
      machine.memremapPages(map);
      assertExplainedAsCarriedOut(machine, map, DevPagemap.State.LIVE, "mapped already");
      map.ref().orElseThrow().get();
      map.ref().orElseThrow().kill();
      assertExplainedAsCarriedOut(machine, map, DevPagemap.State.KILLED, "still drains");
      machine.memunmapPages(map);
      assertExplainedAsCarriedOut(machine, map, DevPagemap.State.DRAINING, "still drains");
      map.put();
      assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
      assertThat(machine.explainPages(map).refusal().map(Refusal::rule))
          .as("its reference is dead")
          .contains(Rule.C_1);
    }
  }

  private static void assertExplainedAsCarriedOut(
      Machine machine, DevPagemap map, DevPagemap.State state, String why) {
    assertThat(map.state()).isEqualTo(state);
    assertMisuse(() -> machine.explainPages(map), why);
    assertMisuse(() -> machine.memremapPages(map), why);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("D-5 pages of an altmap in which a live map's structures lie cannot be given back")
  void structuresAreHeld(boolean callersReference) {
    try (Machine machine = machine()) {
      PercpuRef ref = PercpuRef.init(PercpuRef.Flag.ALLOW_REINIT);
      DevPagemap.Builder builder = generic(START, 128 * MIB).altmap(1, 1535, 4096);
      DevPagemap map = (callersReference ? builder.ref(ref) : builder).build();
      VmemAltmap altmap = map.altmap().orElseThrow();
      machine.memremapPages(map);
      assertThat(altmap.alloc()).isPositive();
      long held = altmap.alloc();
      assertMisuse(() -> altmap.free(1), "hold the structures of a live page map");
      altmap.alloc(4096, 4096);
      assertMisuse(() -> altmap.free(2), "hold the structures of a live page map");
      altmap.free(1);
      assertThat(altmap.alloc()).isEqualTo(held);
      if (callersReference) {
        ref.kill();
      }
      machine.memunmapPages(map);
      assertThat(altmap.alloc()).isZero();
      assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
      assertThat(machine.pagemaps()).isEmpty();
      assertThat(machine.memtypes().isEmpty()).isTrue();
      if (callersReference) {
        ref.reinit();
      }
      machine.memremapPages(map);
      if (callersReference) {
        ref.kill();
      }
      machine.memunmapPages(map);
      assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    }
  }

  @Test
  @DisplayName("AM-5 pages skipped for a first range stay skipped when a later one is refused")
  void alignOfTheFirstRange() {
    try (Machine machine = machine()) {
      DevPagemap map =
          DevPagemap.over()
              .range(START, 128 * MIB)
              .range(START + 128 * MIB, 2 * MIB)
              .type(MemoryType.GENERIC)
              .altmap(1, 1535, 4096)
              .build();
      VmemAltmap altmap = map.altmap().orElseThrow();
      assertThat(machine.explainPages(map).refusedRange()).isEqualTo(1);
      assertThat(altmap.align()).as("explain changes nothing").isZero();
      assertThat(catchThrowableOfType(MemremapException.class, () -> machine.memremapPages(map)))
          .isNotNull();
      assertThat(altmap.align()).isEqualTo(511);
      assertThat(altmap.alloc()).isZero();
    }
  }

  @Test
  @DisplayName(
      "D-5 a put too many after the kill is refused at once, and the map keeps what it has")
  void oneTooMany() {
    try (Machine machine = machine()) {
      PercpuRef ref = PercpuRef.init();
      DevPagemap own = generic(START, 2 * MIB).ref(ref).build();
      machine.memremapPages(own);
      assertThat(machine.getDevPagemap(START >>> 12, null)).isSameAs(own);
      ref.kill();
      own.put();
      assertMisuse(own::put, "one too many");
      assertMisuse(() -> ref.putMany(512), "one too many");
      machine.memunmapPages(own);
      assertThat(own.state()).isEqualTo(DevPagemap.State.UNMAPPED);
      assertThat(ref.isZero()).isTrue();
    }
  }

  private static void assertMisuse(Runnable misuse, String why) {
    assertThatIllegalStateException().isThrownBy(misuse::run).withMessageContaining(why);
  }

  @Test
  @DisplayName(
      "C-2 a live reference at the release is warned about, no more than ten times in a row")
  void warnings() {
    try (LoggedLines log = new LoggedLines("dev.memremap");
        Machine machine = machine()) {
      for (int i = 0; i < 30; i++) {
        DevPagemap map = generic(START, 2 * MIB).ref(PercpuRef.init()).build();
        machine.memremapPages(map);
        machine.memunmapPages(map);
        assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
      }
      assertThat(log.lines())
          .hasSize(10)
          .allMatch(line -> line.contains("page mapping is still live!"));
    }
  }

  @Test
  @DisplayName("a flight recording shows a map's life, its pages and failures")
  void events(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("events.jfr");
    try (Recording recording = new Recording();
        Machine machine = machine()) {
      recording.start();
      DevPagemap map =
          generic(START, 2 * MIB).ops(PagemapOps.none().withPageFree(page -> {})).build();
      machine.memremapPages(map);
      machine.pfnToPage(START >>> 12).put();
      machine.memoryFailure(START >>> 12, 1, 0);
      machine.memremap(START, 4096, MemremapFlag.WB.bit()).close();
      machine.memunmapPages(map);
      for (int i = 0; i < 5_000; i++) {
        machine.getDevPagemap(START >>> 12, null);
      }
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> events =
        RecordingFile.readAllEvents(file).stream()
            .filter(event -> event.getEventType().getName().startsWith("dev.memremap."))
            .toList();
    assertThat(events)
        .filteredOn(event -> event.getEventType().getName().equals("dev.memremap.Pagemap"))
        .extracting(event -> event.getString("step"))
        .containsExactly("registered", "killed", "drained", "released");
    assertThat(names(events))
        .contains("dev.memremap.PageFreed", "dev.memremap.MemoryFailure", "dev.memremap.Remap");
    assertThat(names(events).stream().filter("dev.memremap.LookupMiss"::equals).count())
        .as("sampled")
        .isBetween(10L, 500L);
  }

  private static List<String> names(List<RecordedEvent> events) {
    return events.stream().map(event -> event.getEventType().getName()).toList();
  }
}
