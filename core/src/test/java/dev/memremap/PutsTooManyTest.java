// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.PagemapOps;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import dev.memremap.testing.LoggedLines;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** C-14: what becomes of a page map whose reference was put too often. */
class PutsTooManyTest {
  private static final MachineDescription DESCRIPTION =
      MachineDescription.parse("# phys-bits=46\n00001000-3fffffff : System RAM\n");
  private static final PhysRange RANGE = PhysRange.of(1L << 40, 2L << 20);
  private static final long PFN = RANGE.firstPfn(4096);

  private final LoggedLines log = new LoggedLines("dev.memremap");

  @AfterEach
  void close() {
    log.close();
  }

  /** How a map ends. */
  private enum End {
    UNMAP((machine, map) -> machine.memunmapPages(map)),
    RELEASE((machine, map) -> {}),
    CLOSE((machine, map) -> machine.close());

    private final BiConsumer<Machine, DevPagemap> how;

    End(BiConsumer<Machine, DevPagemap> how) {
      this.how = how;
    }
  }

  static Stream<Arguments> ends() {
    return Stream.of(End.values())
        .flatMap(
            end ->
                Stream.of("own", "caller's", "caller's, atomic")
                    .flatMap(
                        ref ->
                            Stream.of(MemoryType.GENERIC, MemoryType.PRIVATE)
                                .map(type -> Arguments.of(end.name(), ref, type))));
  }

  @ParameterizedTest(name = "{0}, {1} reference, {2}")
  @MethodSource("ends")
  @DisplayName("C-14 unmap, release and close end the map, warn once, and leave the count at zero")
  void everyEnd(String endName, String reference, MemoryType type) {
    End end = End.valueOf(endName);
    PercpuRef ref =
        switch (reference) {
          case "own" -> null;
          case "caller's" -> PercpuRef.init();
          default -> PercpuRef.init(PercpuRef.Flag.INIT_ATOMIC);
        };
    DevPagemap.Builder builder =
        DevPagemap.over(RANGE)
            .type(type)
            .name("pool")
            .owner("device")
            .ops(
                PagemapOps.none()
                    .withPageFree(page -> {})
                    .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS));
    DevPagemap map = (ref == null ? builder : builder.ref(ref)).build();
    try (Machine machine = Machine.simulated(DESCRIPTION)) {
      Device device = machine.newDevice("device");
      if (end == End.RELEASE) {
        device.memremapPages(map);
      } else {
        machine.memremapPages(map);
      }
      long tooMany = 0;
      for (long i = 0; i <= map.ownReferences() + 1; i++) {
        if (catchThrowable(map::put) == null) {
          tooMany++;
        }
      }
      assertThat(tooMany).isPositive();
      if (end == End.RELEASE) {
        device.release();
      } else {
        end.how.accept(machine, map);
      }
      assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
      assertThat(machine.maps().table().maps()).isEmpty();
      if (ref != null) {
        assertThat(ref.references()).isZero();
        assertThat(ref.isZero()).isTrue();
        assertThat(ref.isDying()).isTrue();
        ref.exit();
      }
      String puts = tooMany == 1 ? "1 put of" : tooMany + " puts of";
      assertThat(log.lines().stream().filter(line -> line.contains("too many")).toList())
          .hasSize(1)
          .allMatch(line -> line.contains("page map pool") && line.contains(puts));
      assertThat(log.lines()).noneMatch(line -> line.contains("still live"));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("C-14 what the release callback throws keeps neither the map nor the warning")
  void releaseThatThrows(boolean close) {
    Machine machine = Machine.simulated(DESCRIPTION);
    IllegalStateException failure = new IllegalStateException("a release that fails");
    PercpuRef ref =
        PercpuRef.init(
            () -> {
              throw failure;
            });
    DevPagemap map =
        DevPagemap.over(RANGE)
            .type(MemoryType.PRIVATE)
            .owner("device")
            .name("pool")
            .ref(ref)
            .ops(
                PagemapOps.none()
                    .withPageFree(page -> {})
                    .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS))
            .build();
    machine.memremapPages(map);
    map.put();
    assertThat(catchThrowable(close ? machine::close : () -> machine.memunmapPages(map)))
        .isSameAs(failure);
    machine.close();
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    assertThat(log.lines().stream().filter(line -> line.contains("1 put of its reference was")))
        .hasSize(1);
    ref.exit();
  }

  @Test
  @DisplayName("C-14 twenty maps are each warned about, and no machine stays open")
  void oncePerMap() {
    for (int i = 0; i < 20; i++) {
      try (Machine machine = Machine.simulated(DESCRIPTION)) {
        DevPagemap map = DevPagemap.over(RANGE).type(MemoryType.GENERIC).build();
        machine.memremapPages(map);
        map.put();
      }
    }
    assertThat(
            log.lines().stream()
                .filter(line -> line.contains("1 put of its reference was too many")))
        .hasSize(20);
  }

  @Test
  @DisplayName("C-14 the kill of the bare reference is refused, and the map's end is not")
  void bareReference() {
    try (Machine machine = Machine.simulated(DESCRIPTION)) {
      PercpuRef ref = PercpuRef.init();
      DevPagemap map = DevPagemap.over(RANGE).type(MemoryType.GENERIC).ref(ref).build();
      machine.memremapPages(map);
      ref.put();
      assertThatIllegalStateException().isThrownBy(ref::kill).withMessageContaining("D-5");
      assertThat(ref.isDying()).isFalse();
      machine.memunmapPages(map);
      assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
      assertThatIllegalStateException().as("a second kill").isThrownBy(ref::kill);
      assertThatIllegalStateException().as("a put below zero").isThrownBy(ref::put);
      assertThat(ref.references()).isZero();
    }
  }

  @Test
  @DisplayName(
      "D-4 a reference without a hold can be put by somebody else; its put is refused then")
  void withoutAHold() {
    try (Machine machine = Machine.simulated(DESCRIPTION)) {
      DevPagemap map = DevPagemap.over(RANGE).type(MemoryType.GENERIC).build();
      machine.memremapPages(map);
      DevPagemap looked = machine.getDevPagemap(PFN, null);
      map.put();
      machine.memunmapPages(map);
      assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
      assertThatIllegalStateException().isThrownBy(looked::put);
      assertThatIllegalStateException().isThrownBy(looked::segment);
    }
  }

  // ---- while holders are traced ------------------------------------------------------------

  private static void firstPlace(DevPagemap map) {
    map.put();
  }

  private static void secondPlace(DevPagemap map) {
    map.put();
  }

  @ParameterizedTest(name = "strict machine: {0}")
  @ValueSource(booleans = {true, false})
  @DisplayName("C-14 traced, a put while no traced get is out is refused at that put")
  void refusedAtOnce(boolean strict) {
    MachineBuilder builder = Machine.builder(DESCRIPTION);
    try (Machine machine = (strict ? builder.strict() : builder).build()) {
      PercpuRef ref = PercpuRef.init();
      for (DevPagemap map :
          List.of(
              DevPagemap.over(RANGE).type(MemoryType.GENERIC).build(),
              DevPagemap.over(RANGE).type(MemoryType.GENERIC).ref(ref).build())) {
        map.traceHolders(!strict);
        machine.memremapPages(map);
        assertThatIllegalStateException()
            .isThrownBy(() -> firstPlace(map))
            .withMessageContaining("D-5")
            .withMessageContaining("one too many")
            .withMessageContaining("PutsTooManyTest.firstPlace");
        DevPagemap found = machine.getDevPagemap(PFN, null);
        found.put();
        assertThatIllegalStateException().isThrownBy(found::put);
        assertThat(map.outsideReferences()).isZero();
        if (map.ref().isPresent()) {
          ref.kill();
        }
        machine.memunmapPages(map);
        assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
      }
      assertThat(log.lines()).noneMatch(line -> line.contains("too many"));
    }
  }

  @Test
  @DisplayName(
      "C-14 traced, one too many is noticed at the last put, which lists where each was made")
  void refusedAtTheLast() {
    try (Machine machine = Machine.builder(DESCRIPTION).strict().build()) {
      DevPagemap map = DevPagemap.over(RANGE).type(MemoryType.GENERIC).build();
      machine.memremapPages(map);
      for (int i = 0; i < 3; i++) {
        assertThat(machine.getDevPagemap(PFN, null)).isNotNull();
      }
      firstPlace(map);
      for (int i = 0; i < 2; i++) {
        secondPlace(map);
      }
      assertThatIllegalStateException()
          .isThrownBy(() -> firstPlace(map))
          .withMessageContaining("one too many")
          .withMessageMatching(".*1 by thread .* at .*PutsTooManyTest\\.firstPlace.*")
          .withMessageMatching(".*2 by thread .* at .*PutsTooManyTest\\.secondPlace.*");
      machine.memunmapPages(map);
    }
  }

  @Test
  @DisplayName("references that were taken before the tracing began can be put, and no more")
  void takenBefore() {
    try (Machine machine = Machine.simulated(DESCRIPTION)) {
      DevPagemap map = DevPagemap.over(RANGE).type(MemoryType.GENERIC).build();
      machine.memremapPages(map);
      machine.getDevPagemap(PFN, null);
      machine.getDevPagemap(PFN, null);
      map.traceHolders(true);
      machine.getDevPagemap(PFN, null);
      map.put();
      map.put();
      map.put();
      assertThatIllegalStateException().isThrownBy(map::put);
      map.traceHolders(false);
      assertThat(map.outsideReferences()).isZero();
      machine.memunmapPages(map);
    }
  }
}
