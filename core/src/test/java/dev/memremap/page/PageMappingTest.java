// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.memremap.Machine;
import dev.memremap.MachineBuilder.KernelRow;
import dev.memremap.cache.CacheMode;
import dev.memremap.internal.sim.SimulatedBacking;
import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.MemorySource;
import dev.memremap.spi.RecordingSource;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What pages are mapped by, and what a memory failure makes of it: K-1. */
class PageMappingTest {
  private static final long PFN = 0x40000;
  private static final PageMapping FILE = PageMapping.daxFile("/mnt/pmem/file");
  private static final PageMapping DEVICE = PageMapping.deviceDax("/dev/dax0.0");

  private final List<Machine> machines = new ArrayList<>();
  private final List<@Nullable PageMapping> freedWith = new ArrayList<>();

  @AfterEach
  void close() {
    machines.forEach(Machine::close);
  }

  private Machine machine(String kernel) {
    return machine(kernel, KernelRow.of(kernel));
  }

  private Machine machine(String kernel, Set<KernelRow> rows) {
    Machine machine =
        Machine.builder(
                MachineDescription.parse(
                    """
                    # phys-bits=46
                    # memmap=compact
                    00001000-200fffff : System RAM
                    40000000-7fffffff : Persistent Memory
                    """))
            .kernel(kernel)
            .kernelRows(rows)
            .build();
    machines.add(machine);
    return machine;
  }

  private DevPagemap.Builder builder(MemoryType type, long firstPfn, PagemapOps given) {
    PagemapOps ops = given;
    if (type == MemoryType.PRIVATE) {
      ops = ops.withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS);
    }
    if (type.isHandedOut() || type == MemoryType.PCI_P2PDMA) {
      ops = ops.withPageFree(page -> freedWith.add(page.mapping()));
    }
    return DevPagemap.over(PhysRange.ofPfns(firstPfn, firstPfn + 1023, 4096))
        .type(type)
        .owner("owner")
        .name("map")
        .ops(ops);
  }

  private DevPagemap map(Machine machine, MemoryType type) {
    DevPagemap map = builder(type, PFN, PagemapOps.none()).build();
    machine.memremapPages(map);
    return map;
  }

  private static void assertBusy(Machine machine, long pfn, String sentence) {
    FailureOutcome outcome = machine.memoryFailure(pfn, 1, 0);
    assertThat(outcome.error()).as(outcome.sentence()).contains(Errno.EBUSY);
    assertThat(outcome.rule()).isEqualTo(Rule.MF_3);
    assertThat(outcome.byCallback()).isFalse();
    assertThat(outcome.sentence()).contains(sentence);
    assertThat(machine.pfnToPage(pfn).isPoisoned()).isFalse();
  }

  // ---- memory_failure ----------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource
  @DisplayName("MF-3 a page of any type without a mapping: EBUSY, and it is not poisoned")
  void withoutMapping(MemoryType type) {
    Machine machine = machine("6.1");
    DevPagemap map = map(machine, type);
    assertBusy(machine, PFN + 1, "page 0x40001 has no mapping");
    Page page = machine.pfnToPage(PFN + 2);
    if (type.isHandedOut()) {
      page.zoneDeviceInit();
    } else {
      page.get();
    }
    assertBusy(machine, PFN + 2, "page 0x40002 has no mapping");
    page.put();
    assertThat(map.outsideReferences()).isZero();
  }

  @ParameterizedTest(name = "{0} page mapped by a {1}: {2}")
  @CsvSource({
    "GENERIC, DEVICE_DAX, poisoned",
    "GENERIC, DAX_FILE, poisoned",
    "GENERIC, FILE, EBUSY",
    "FS_DAX, DEVICE_DAX, poisoned",
    "FS_DAX, DAX_FILE, poisoned",
    "FS_DAX, FILE, EBUSY",
    // the test of the mapping comes before that of the type
    "PRIVATE, DEVICE_DAX, ENXIO",
    "PRIVATE, DAX_FILE, ENXIO",
    "PRIVATE, FILE, EBUSY",
    "COHERENT, DEVICE_DAX, ENXIO",
    "COHERENT, DAX_FILE, ENXIO",
    "COHERENT, FILE, EBUSY",
  })
  @DisplayName("MF-3 what maps the page decides before its type does")
  void withMapping(MemoryType type, PageMapping.Kind kind, String expected) {
    Machine machine = machine("6.1");
    map(machine, type);
    Page page = machine.pfnToPage(PFN + 3);
    page.mapping(new PageMapping("/mnt/it", kind));
    FailureOutcome outcome = machine.memoryFailure(PFN + 3, 1, 0);
    assertThat(outcome.error().map(Enum::name).orElse("poisoned")).isEqualTo(expected);
    assertThat(outcome.rule()).isEqualTo(Rule.MF_3);
    assertThat(page.isPoisoned()).isEqualTo(expected.equals("poisoned"));
    if (expected.equals("EBUSY")) {
      assertThat(outcome.sentence())
          .isEqualTo("page 0x40003 is mapped by /mnt/it, a file without DAX");
    }
    page.mapping(null);
    page.poisoned(false);
    assertBusy(machine, PFN + 3, "page 0x40003 has no mapping");
  }

  @ParameterizedTest(name = "{0} page mapped by a {1}, {2} follows row 30: {3}")
  @CsvSource({
    "PRIVATE, DEVICE_DAX, false, EBUSY",
    "PRIVATE, DAX_FILE, false, EBUSY",
    "COHERENT, DEVICE_DAX, false, EBUSY",
    "PRIVATE, DEVICE_DAX, true, ENXIO",
    "COHERENT, DEVICE_DAX, true, ENXIO",
  })
  @DisplayName("MF-3 row 30 pages that are left to their driver: EBUSY before, and not poisoned")
  void leftToDriver(MemoryType type, PageMapping.Kind kind, boolean follows, Errno expected) {
    Set<KernelRow> rows = new HashSet<>(KernelRow.of("6.1"));
    if (!follows) {
      assertThat(rows.removeIf(row -> row.number() == 30)).isTrue();
    }
    Machine machine = machine("6.1", rows);
    DevPagemap map = map(machine, type);
    Page page = machine.pfnToPage(PFN + 3);
    page.mapping(new PageMapping("/mnt/it", kind));
    FailureOutcome outcome = machine.memoryFailure(PFN + 3, 1, 0);
    assertThat(outcome.error()).contains(expected);
    assertThat(outcome.rule()).isEqualTo(Rule.MF_3);
    assertThat(outcome.sentence())
        .isEqualTo(
            "%s pages are left to their driver, and %s has no callback for it"
                .formatted(type, map));
    assertThat(page.isPoisoned()).isFalse();
  }

  @Test
  @DisplayName("MF-2 a callback is asked whatever maps the page; MF-3 comes once it declines")
  void callbackFirst() {
    Machine machine = machine("6.1");
    List<Optional<Errno>> answers = new ArrayList<>();
    answers.add(Optional.empty());
    answers.add(Optional.of(Errno.EIO));
    answers.add(Optional.of(Errno.EOPNOTSUPP));
    PagemapOps ops =
        PagemapOps.none().withMemoryFailure((map, pfn, count, flags) -> answers.removeFirst());
    machine.memremapPages(builder(MemoryType.GENERIC, PFN, ops).build());
    assertThat(machine.memoryFailure(PFN, 1, 0).isRecovered()).isTrue();
    assertThat(machine.memoryFailure(PFN, 1, 0).error()).contains(Errno.EIO);
    assertBusy(machine, PFN, "page 0x40000 has no mapping");
    assertThat(answers).isEmpty();
  }

  @Test
  @DisplayName(
      "MF-3 of several pages, the first without a DAX mapping decides, and none is poisoned")
  void several() {
    Machine machine = machine("6.1");
    map(machine, MemoryType.GENERIC);
    machine.pfnToPage(PFN).mapping(FILE);
    machine.pfnToPage(PFN + 1).mapping(PageMapping.file("/home/log"));
    FailureOutcome outcome = machine.memoryFailure(PFN, 3, 0);
    assertThat(outcome.error()).contains(Errno.EBUSY);
    assertThat(outcome.sentence()).startsWith("page 0x40001 is mapped by /home/log");
    assertThat(machine.pfnToPage(PFN).isPoisoned()).isFalse();
    machine.pfnToPage(PFN + 1).mapping(DEVICE);
    assertThat(machine.memoryFailure(PFN, 3, 0).sentence()).startsWith("page 0x40002 has no map");
    assertThat(machine.memoryFailure(PFN, 2, 0).poisoned()).isEqualTo(2);
  }

  @Test
  @DisplayName("MF-3 a compound page has one mapping, its head's")
  void compound() {
    Machine machine = machine("6.1");
    machine.memremapPages(
        builder(MemoryType.GENERIC, PFN, PagemapOps.none()).vmemmapShift(9).build());
    Page tail = machine.pfnToPage(PFN + 700);
    tail.mapping(FILE);
    assertThat(machine.pfnToPage(PFN + 512).mapping()).isEqualTo(FILE);
    assertThat(machine.pfnToPage(PFN + 511).mapping()).isNull();
    assertBusy(machine, PFN + 511, "page 0x401ff has no mapping");
    assertThat(machine.memoryFailure(PFN + 511, 2, 0).error()).contains(Errno.EBUSY);
    assertThat(machine.memoryFailure(PFN + 1023, 1, 0).poisoned()).isEqualTo(1);
    assertThat(tail.isPoisoned()).isTrue();
  }

  // ---- the mapping of attached memory ------------------------------------------------------

  /** Bytes of this process, said to be mapped directly or not. */
  private record Source(RecordingSource bytes, CacheMode mode, boolean isDirect)
      implements MemorySource {
    Source(CacheMode mode, boolean direct) {
      this(new RecordingSource(4 << 20, SimulatedBacking.INSTANCE), mode, direct);
    }

    @Override
    public String name() {
      return "/mnt/pmem/attached";
    }

    @Override
    public long sizeBytes() {
      return bytes.sizeBytes();
    }

    @Override
    public MappedBytes map(long offset, long length, Arena arena) {
      MemorySegment part = bytes.map(offset, length, arena).segment();
      return new MappedBytes(part, mode, SimulatedBacking.INSTANCE);
    }

    @Override
    public void close() {}
  }

  @ParameterizedTest(name = "{0} pages, mapped directly: {1}")
  @CsvSource({
    "FS_DAX, true, poisoned",
    "GENERIC, true, poisoned",
    "FS_DAX, false, EBUSY",
    "GENERIC, false, EBUSY",
    "PCI_P2PDMA, true, EBUSY",
    "COHERENT, true, ENXIO",
    "COHERENT, false, EBUSY",
  })
  @DisplayName("MF-3 memory that was attached from a file counts as mapped by it")
  void attached(MemoryType type, boolean direct, String expected) {
    Machine machine = machine("6.1");
    Resource there = machine.attach("file", new Source(type.askedMode(), direct));
    long first = there.range().firstPfn(4096);
    machine.memremapPages(builder(type, first, PagemapOps.none()).build());
    Page page = machine.pfnToPage(first + 9);
    assertThat(page.mapping()).as("set by its driver").isNull();
    FailureOutcome outcome = machine.memoryFailure(first + 9, 1, 0);
    assertThat(outcome.error().map(Enum::name).orElse("poisoned")).isEqualTo(expected);
    assertThat(page.isPoisoned()).isEqualTo(expected.equals("poisoned"));
    if (!direct) {
      assertThat(outcome.sentence()).endsWith("mapped by /mnt/pmem/attached, a file without DAX");
      page.mapping(DEVICE);
      assertThat(machine.memoryFailure(first + 9, 1, 0).isRecovered())
          .as("what was set goes before")
          .isEqualTo(!type.isHandedOut());
    }
  }

  // ---- what sets and clears it -------------------------------------------------------------

  @Test
  @DisplayName("D-5 a PCI_P2PDMA page is given no mapping")
  void p2pdma() {
    Machine machine = machine("6.1");
    map(machine, MemoryType.PCI_P2PDMA);
    Page page = machine.pfnToPage(PFN);
    assertThatIllegalStateException()
        .isThrownBy(() -> page.mapping(DEVICE))
        .withMessageContaining("a PCI_P2PDMA page has no mapping [D-5]");
    page.mapping(null);
    assertThat(page.mapping()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "6.1, PRIVATE, cleared",
    "6.1, COHERENT, cleared",
    "6.19, PRIVATE, cleared",
    "6.1, GENERIC, cleared",
    "6.18, GENERIC, stays",
    "6.1, FS_DAX, stays",
    "6.18, FS_DAX, stays",
  })
  @DisplayName("TY-4 a page that is freed has no mapping any more once its driver is told")
  void freed(String kernel, MemoryType type, String then) {
    Machine machine = machine(kernel);
    PagemapOps ops = PagemapOps.none().withPageFree(page -> freedWith.add(page.mapping()));
    machine.memremapPages(builder(type, PFN, ops).build());
    Page page = machine.pfnToPage(PFN + 5);
    if (page.refCount() == 0) {
      page.zoneDeviceInit();
    }
    page.mapping(FILE);
    machine.pfnToPage(PFN + 6).mapping(DEVICE);
    page.get();
    page.put();
    assertThat(page.mapping()).as("a put that is not the last").isEqualTo(FILE);
    page.put();
    assertThat(page.mapping()).isEqualTo(then.equals("cleared") ? null : FILE);
    assertThat(freedWith)
        .hasSize(then.equals("cleared") ? 1 : 0)
        .allSatisfy(m -> assertThat(m).isNull());
    assertThat(machine.pfnToPage(PFN + 6).mapping()).as("another page").isEqualTo(DEVICE);
  }

  @Test
  @DisplayName("TY-4 a GENERIC page that no callback hears of keeps its mapping")
  void freedInVain() {
    Machine machine = machine("6.1");
    map(machine, MemoryType.GENERIC);
    Page page = machine.pfnToPage(PFN);
    page.mapping(FILE);
    page.put();
    assertThat(page.refCount()).isZero();
    assertThat(page.mapping()).isEqualTo(FILE);
  }

  @ParameterizedTest(name = "Linux {0}: cleared {1}")
  @CsvSource({"6.1, false", "6.18, false", "6.19, true", "7.3, true"})
  @DisplayName("C-12 since 6.19 a page that is handed out has no mapping, whatever was set before")
  void handedOut(String kernel, boolean cleared) {
    Machine machine = machine(kernel);
    map(machine, MemoryType.PRIVATE);
    Page page = machine.pfnToPage(PFN + 1);
    page.mapping(FILE);
    page.zoneDeviceInit();
    assertThat(page.mapping()).isEqualTo(cleared ? null : FILE);
    page.mapping(FILE);
    assertThatIllegalStateException().isThrownBy(page::zoneDeviceInit);
    assertThat(page.mapping()).as("a hand-out that is refused").isEqualTo(FILE);
    page.put();
  }

  @Test
  @DisplayName(
      "C-12 a hand-out of several pages has one mapping, and a split gives it to each part")
  void handedOutTogether() {
    Machine machine = machine("6.19");
    map(machine, MemoryType.COHERENT);
    for (long pfn = PFN + 7; pfn <= PFN + 16; pfn++) {
      machine.pfnToPage(pfn).mapping(FILE);
    }
    Page first = machine.pfnToPage(PFN + 8);
    first.zoneDeviceInit(3);
    for (long pfn = PFN + 8; pfn < PFN + 16; pfn++) {
      assertThat(machine.pfnToPage(pfn).mapping()).as("0x%x", pfn).isNull();
    }
    assertThat(machine.pfnToPage(PFN + 7).mapping()).isEqualTo(FILE);
    assertThat(machine.pfnToPage(PFN + 16).mapping()).isEqualTo(FILE);
    assertBusy(machine, PFN + 15, "page 0x4000f has no mapping");
    machine.pfnToPage(PFN + 13).mapping(DEVICE);
    assertThat(first.mapping()).as("kept at the head").isEqualTo(DEVICE);
    assertThat(machine.memoryFailure(PFN + 15, 1, 0).error()).contains(Errno.ENXIO);
    first.folioSplit(1);
    for (long pfn = PFN + 8; pfn < PFN + 16; pfn += 2) {
      assertThat(machine.pfnToPage(pfn).mapping()).as("0x%x", pfn).isEqualTo(DEVICE);
      machine.pfnToPage(pfn).put();
      assertThat(machine.pfnToPage(pfn).mapping()).isNull();
      assertThat(machine.pfnToPage(pfn + 1).mapping()).as("a tail that is free").isNull();
    }
    assertThat(freedWith).containsOnlyNulls().hasSize(4);
  }

  @Test
  @DisplayName("a page that an altmap sets aside has no mapping, and is given none")
  void setAside() {
    Machine machine = machine("6.1");
    machine.memremapPages(
        builder(MemoryType.GENERIC, PFN, PagemapOps.none()).altmap(2, 16, 4096).build());
    Page page = machine.pfnToPage(PFN + 1);
    assertThatIllegalStateException().isThrownBy(() -> page.mapping(FILE));
    assertThat(page.mapping()).isNull();
    assertThat(machine.memoryFailure(PFN + 1, 1, 0).error()).contains(Errno.ENXIO);
  }

  @Test
  @DisplayName("what pages were mapped by goes with the life of their map")
  void another() {
    Machine machine = machine("6.1");
    DevPagemap map = map(machine, MemoryType.GENERIC);
    Page old = machine.pfnToPage(PFN);
    old.mapping(FILE);
    machine.memunmapPages(map, Duration.ZERO);
    assertThat(old.mapping()).isNull();
    assertThatIllegalStateException().isThrownBy(() -> old.mapping(FILE));
    machine.memremapPages(map);
    assertThat(machine.pfnToPage(PFN).mapping()).isNull();
    assertThat(old.mapping()).isNull();
    assertBusy(machine, PFN, "has no mapping");
  }

  @Test
  @DisplayName("a page keeps its mapping while its map drains")
  void draining() {
    Machine machine = machine("6.1");
    DevPagemap map = map(machine, MemoryType.COHERENT);
    Page page = machine.pfnToPage(PFN);
    page.zoneDeviceInit();
    page.mapping(FILE);
    try {
      machine.memunmapPages(map, Duration.ZERO);
    } catch (MemremapException held) {
      assertThat(held.errno()).isEqualTo(Errno.EBUSY);
    }
    assertThat(page.mapping()).isEqualTo(FILE);
    page.mapping(DEVICE);
    assertThat(page.mapping()).isEqualTo(DEVICE);
    page.put();
    assertThat(page.mapping()).isNull();
    assertThat(freedWith).containsOnlyNulls().hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"6.18, 20200, ENXIO", "7.3, 20200, ENXIO", "7.3, 27fff, ENXIO", "7.3, 28000, EBUSY"})
  @DisplayName("MF-1 a section with some System RAM has a structure for each of its pages")
  void sectionOfRam(String kernel, String pfn, Errno expected) {
    FailureOutcome outcome = machine(kernel).memoryFailure(Long.parseLong(pfn, 16), 1, 0);
    assertThat(outcome.error()).contains(expected);
  }
}
