// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.memremap.LeakException.Leak;
import dev.memremap.LeakException.Leak.Kind;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a strict machine says when it is closed while some of it is open. */
class StrictCloseTest {
  private static final MachineDescription DESCRIPTION =
      MachineDescription.parse(
          """
          # phys-bits=46
          00001000-3fffffff : System RAM
          d0000000-d00fffff : card
          100000000-13fffffff : Persistent Memory
          """);
  private static final PhysRange PMEM = PhysRange.of(0x1_0000_0000L, 0x4000_0000L);
  private static final PhysRange CARD = PhysRange.of(0xd000_0000L, 0x1000);
  private static final String BY = " of thread " + Thread.currentThread().getName();
  private static final long PFN = PMEM.start() >>> 12;

  private static Machine machine() {
    return Machine.builder(DESCRIPTION).strict().build();
  }

  private static DevPagemap map() {
    return DevPagemap.over(PMEM).type(MemoryType.GENERIC).build();
  }

  private static LeakException leaks(Machine machine) {
    return catchThrowableOfType(LeakException.class, machine::close);
  }

  /** What is left open, how it is called, and in which method of this class it was made. */
  static Stream<Arguments> eachKind() {
    return Stream.of(
        leak(Kind.MAPPING, "mapping 0x100000000-0x100000fff WB", StrictCloseTest::maps),
        leak(Kind.MAPPING, "mapping 0x1000-0x1fff WB (direct map)", StrictCloseTest::mapsRam),
        leak(Kind.REGISTERS, "registers 0xd0000000-0xd0000fff", StrictCloseTest::mapsRegisters),
        leak(Kind.PAGEMAP, map().toString(), StrictCloseTest::mapsPages),
        leak(Kind.HOLD, "hold of " + map() + BY, StrictCloseTest::looksUp),
        leak(Kind.HOLD, "hold of " + map() + BY, StrictCloseTest::holdsPage),
        leak(Kind.REFERENCE, "reference to " + map() + BY, StrictCloseTest::getsPagemap),
        leak(Kind.REFERENCE, "2 × reference to " + map() + BY, StrictCloseTest::getsMany),
        leak(Kind.REFERENCE, "reference to " + map() + BY, StrictCloseTest::getsPage));
  }

  private static Arguments leak(Kind kind, String what, Consumer<Machine> leaving) {
    return Arguments.of(kind, what, leaving);
  }

  private static void maps(Machine machine) {
    machine.memremap(PhysRange.of(PMEM.start(), 0x1000), MemremapFlag.WB);
  }

  private static void mapsRam(Machine machine) {
    machine.memremap(PhysRange.of(0x1000, 0x1000), MemremapFlag.WB);
  }

  private static void mapsRegisters(Machine machine) {
    machine.ioremap(CARD);
  }

  private static void mapsPages(Machine machine) {
    machine.memremapPages(map());
  }

  private static DevPagemap managed(Machine machine) {
    DevPagemap map = map();
    machine.newDevice("dev").memremapPages(map);
    return map;
  }

  private static void looksUp(Machine machine) {
    managed(machine);
    assertThat(machine.lookup(PFN)).isNotNull();
  }

  private static void holdsPage(Machine machine) {
    managed(machine);
    assertThat(machine.hold(PFN)).isNotNull();
  }

  private static void getsPagemap(Machine machine) {
    managed(machine);
    assertThat(machine.getDevPagemap(PFN, null)).isNotNull();
  }

  private static void getsMany(Machine machine) {
    PercpuRef ref = PercpuRef.init();
    machine
        .newDevice("dev")
        .memremapPages(DevPagemap.over(PMEM).type(MemoryType.GENERIC).ref(ref).build());
    ref.getMany(2);
  }

  private static void getsPage(Machine machine) {
    managed(machine);
    Objects.requireNonNull(machine.page(PFN)).get();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("eachKind")
  @DisplayName("a strict close names what was left open, and the line that made it")
  void names(Kind kind, String what, Consumer<Machine> leaving) {
    Machine machine = machine();
    leaving.accept(machine);

    LeakException thrown = leaks(machine);

    assertThat(thrown.leaks()).hasSize(1);
    Leak leak = thrown.leaks().getFirst();
    assertThat(leak.kind()).isEqualTo(kind);
    assertThat(leak.what()).isEqualTo(what);
    assertThat(leak.madeAt().getFirst())
        .matches(".*StrictCloseTest\\.\\w+\\(StrictCloseTest\\.java:\\d+\\)");
    assertThat(thrown).hasMessageContaining("1 thing was still open").hasMessageContaining(what);
  }

  @Test
  @DisplayName("everything is closed before the leaks are thrown, and a second close says nothing")
  void closesFirst() {
    Machine machine = machine();
    Mapping mapping = machine.memremap(PhysRange.of(PMEM.start(), 0x1000), MemremapFlag.WB);
    IoMemory registers = machine.ioremap(CARD);
    DevPagemap map =
        DevPagemap.over(PhysRange.of(PMEM.start() + 0x1000_0000L, 0x800_0000L))
            .type(MemoryType.GENERIC)
            .build();
    MemorySegment pages = machine.memremapPages(map);

    LeakException thrown = leaks(machine);

    assertThat(thrown.leaks())
        .extracting(Leak::kind)
        .containsExactly(Kind.MAPPING, Kind.REGISTERS, Kind.PAGEMAP);
    assertThat(thrown.getMessage().lines()).hasSize(4);
    assertThat(mapping.isOpen()).isFalse();
    assertThatIllegalStateException().isThrownBy(() -> registers.read8(0));
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    assertThat(pages.scope().isAlive()).isFalse();
    assertThatNoException().isThrownBy(machine::close);
  }

  @Test
  @DisplayName("what was closed, put and released in time is not a leak")
  void nothingLeft() {
    Machine machine = machine();
    try (Mapping mapping = machine.memremap(PhysRange.of(0x1000, 0x1000), MemremapFlag.WB);
        IoMemory registers = machine.ioremap(CARD)) {
      assertThat(mapping.isOpen()).isTrue();
      assertThat(registers.read8(0)).isZero();
    }
    DevPagemap map = managed(machine);
    try (Lookup held = machine.lookup(PFN);
        PageHold page = machine.hold(PFN)) {
      assertThat(held).isNotNull();
      assertThat(page).isNotNull();
    }
    Objects.requireNonNull(machine.getDevPagemap(PFN, null)).put();
    Page page = Objects.requireNonNull(machine.page(PFN));
    page.get();
    page.put();
    machine.device("dev").memremap(PhysRange.of(0x3000, 0x1000), MemremapFlag.WB);
    machine.device("dev").ioremap(CARD);

    assertThatNoException().isThrownBy(machine::close);
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
  }

  @Test
  @DisplayName("what fails on the way is thrown, and carries the leaks")
  void aFailureCarriesTheLeaks() {
    Machine machine = machine();
    maps(machine);
    IllegalStateException failure = new IllegalStateException("the driver's action failed");
    machine
        .newDevice("dev")
        .devres()
        .addAction(
            () -> {
              throw failure;
            });

    assertThatIllegalStateException()
        .isThrownBy(machine::close)
        .isSameAs(failure)
        .satisfies(
            thrown ->
                assertThat(thrown.getSuppressed())
                    .singleElement()
                    .isInstanceOf(LeakException.class));
  }

  @Test
  @DisplayName("a close with a limit names what was left, too")
  void withALimit() {
    Machine machine = machine();
    mapsPages(machine);

    LeakException thrown =
        catchThrowableOfType(LeakException.class, () -> machine.close(Duration.ofSeconds(1)));

    assertThat(thrown.leaks()).extracting(Leak::kind).containsExactly(Kind.PAGEMAP);
  }

  @Test
  @DisplayName("a reference that was taken before its map was traced is counted")
  void takenEarlier() {
    PercpuRef ref = PercpuRef.init();
    ref.get();
    Machine machine = machine();
    machine
        .newDevice("dev")
        .memremapPages(DevPagemap.over(PMEM).type(MemoryType.GENERIC).ref(ref).build());

    LeakException thrown = leaks(machine);

    assertThat(thrown.leaks())
        .extracting(Leak::kind, Leak::madeAt)
        .containsExactly(tuple(Kind.REFERENCE, List.of()));
  }

  @Test
  @DisplayName("a machine that is not strict says in the log what was open, and throws nothing")
  void notStrict() {
    Machine machine = Machine.simulated(DESCRIPTION);
    List.<Consumer<Machine>>of(StrictCloseTest::maps, StrictCloseTest::mapsRegisters)
        .forEach(leaving -> leaving.accept(machine));

    assertThatNoException().isThrownBy(machine::close);
  }
}
