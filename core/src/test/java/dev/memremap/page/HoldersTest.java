// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import dev.memremap.ref.Holder;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The holders of a traced page map, through lookups and through pages, in one thread and another.
 */
class HoldersTest {
  private static final long FIRST = 0x40000;

  private final Machine machine =
      Machine.simulated(
          MachineDescription.parse("# memmap=compact\n00001000-0fffffff : System RAM\n"));

  @AfterEach
  void close() {
    machine.close();
  }

  private DevPagemap traced(DevPagemap.Builder builder) {
    DevPagemap map =
        builder
            .owner("device")
            .ops(
                PagemapOps.none()
                    .withPageFree(page -> {})
                    .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS)
                    .withMemoryFailure((m, pfn, count, flags) -> Optional.of(Errno.EIO)))
            .build();
    map.traceHolders(true);
    machine.memremapPages(map);
    return map;
  }

  private static DevPagemap.Builder over(MemoryType type) {
    return DevPagemap.over(PhysRange.ofPfns(FIRST, FIRST + 0x1ff, 4096)).type(type);
  }

  /** Runs something in a thread of this name, and waits for it. */
  private static void in(Thread.Builder thread, String name, Runnable step) {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    try {
      thread
          .name(name)
          .start(
              () -> {
                try {
                  step.run();
                } catch (RuntimeException | Error e) {
                  thrown.set(e);
                }
              })
          .join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (thrown.get() != null) {
      throw new AssertionError(name, thrown.get());
    }
  }

  /** Unmaps a map that nothing holds; one that is held fails the test instead of waiting. */
  private void unmap(DevPagemap map) {
    machine.memunmapPages(map, Duration.ZERO);
  }

  private static List<String> threads(DevPagemap map) {
    return map.holders().stream().map(Holder::thread).toList();
  }

  static Stream<Arguments> threads() {
    List<Arguments> cases = new ArrayList<>();
    for (boolean takenByVirtual : new boolean[] {false, true}) {
      for (boolean putByVirtual : new boolean[] {false, true}) {
        cases.add(Arguments.of(takenByVirtual, putByVirtual));
      }
    }
    return cases.stream();
  }

  private static Thread.Builder thread(boolean virtual) {
    return virtual ? Thread.ofVirtual() : Thread.ofPlatform();
  }

  @ParameterizedTest(name = "taken by a virtual thread: {0}, put by one: {1}")
  @MethodSource("threads")
  @DisplayName("a lookup is named until it is put, also by another thread")
  void lookups(boolean takenByVirtual, boolean putByVirtual) {
    DevPagemap map = traced(over(MemoryType.GENERIC));
    in(thread(takenByVirtual), "first", () -> machine.getDevPagemap(FIRST, null));
    in(thread(takenByVirtual), "second", () -> machine.getDevPagemap(FIRST + 1, null));
    assertThat(threads(map)).containsExactly("first", "second");
    assertThat(map.holders())
        .allSatisfy(
            holder ->
                assertThat(holder.frames().getFirst()).contains("HoldersTest.lambda$lookups"));
    in(thread(putByVirtual), "third", map::put);
    assertThat(threads(map)).as("the oldest").containsExactly("second");
    in(thread(putByVirtual), "third", () -> machine.putDevPagemap(map));
    assertThat(threads(map)).isEmpty();
    assertThat(map.outsideReferences()).isZero();
    unmap(map);
  }

  @Test
  @DisplayName(
      "GP-1, GP-2 a hint adds no holder, and one that does not cover the page is taken off")
  void hints() {
    DevPagemap map = traced(over(MemoryType.GENERIC));
    DevPagemap held = machine.getDevPagemap(FIRST, null);
    assertThat(machine.getDevPagemap(FIRST + 1, held)).isSameAs(map);
    assertThat(map.holders()).hasSize(1);
    assertThat(machine.getDevPagemap(FIRST + 0x200, held)).isNull();
    assertThat(map.holders()).isEmpty();
    unmap(map);
  }

  /** Takes pages and puts them, in this thread and in others, in whatever way puts are made. */
  private void useOf(DevPagemap map, long pfn) {
    boolean handedOut = map.type().orElseThrow().isHandedOut();
    Page page = machine.pfnToPage(pfn);
    if (handedOut) {
      page.zoneDeviceInit();
    } else {
      page.get();
    }
    assertThat(map.holders()).as("the first get").hasSize(1);
    in(Thread.ofVirtual(), "second", () -> assertThat(machine.pfnToPage(pfn).tryGet()).isTrue());
    assertThat(threads(map)).containsExactly(Thread.currentThread().getName(), "second");
    in(Thread.ofPlatform(), "other", () -> machine.pfnToPage(pfn).put());
    assertThat(map.holders()).as("one put of two").hasSize(1);
    page.poisoned(true);
    page.reserved(false);
    page.mapping(null);
    page.zoneDeviceData(5);
    page.migrateToRam();
    machine.memoryFailure(pfn, 1, 0);
    assertThat(map.holders()).as("what holds the map only for as long as it runs").hasSize(1);
    page.put();
    assertThat(map.holders()).as("all were put").isEmpty();
    assertThat(map.outsideReferences()).isZero();
  }

  @ParameterizedTest
  @EnumSource(MemoryType.class)
  @DisplayName("D-4 a page in use is a holder of its map, until it is put")
  void pages(MemoryType type) {
    DevPagemap map = traced(over(type));
    useOf(map, FIRST);
    useOf(map, FIRST + 0x1ff);
    useOf(map, FIRST);
    unmap(map);
  }

  @ParameterizedTest
  @EnumSource(MemoryType.class)
  @DisplayName(
      "AM-3 also where page structures lie in the device's own memory, and for compound pages")
  void pagesWithAltmap(MemoryType type) {
    DevPagemap map = traced(over(type).altmap(2, 2, 4096).vmemmapShift(2));
    useOf(map, FIRST + 4);
    useOf(map, FIRST + 0x1fc);
    unmap(map);
  }

  @Test
  @DisplayName("the holder of a lookup stays named, whatever pages other threads take and put")
  void besideOthers() {
    DevPagemap map = traced(over(MemoryType.COHERENT).altmap(2, 2, 4096));
    in(Thread.ofPlatform(), "holder", () -> machine.getDevPagemap(FIRST, null));
    in(
        Thread.ofVirtual(),
        "user",
        () -> {
          Page page = machine.pfnToPage(FIRST + 7);
          page.zoneDeviceInit();
          page.put();
        });
    assertThat(threads(map)).containsExactly("holder");
    map.put();
    unmap(map);
  }

  @Test
  @DisplayName(
      "TD-5 an unmapping with a limit names the holders of the map, until they have put it")
  void unmapping() {
    PercpuRef ref = PercpuRef.init();
    for (DevPagemap.Builder builder :
        List.of(over(MemoryType.GENERIC), over(MemoryType.GENERIC).ref(ref))) {
      DevPagemap map = traced(builder);
      boolean own = map.ref().isEmpty();
      in(Thread.ofVirtual().name("x"), "late", () -> machine.getDevPagemap(FIRST, null));
      if (own) {
        MemremapException held =
            catchThrowableOfType(
                MemremapException.class, () -> machine.memunmapPages(map, Duration.ZERO));
        assertThat(held.errno()).isEqualTo(Errno.EBUSY);
        assertThat(held.sentence())
            .contains(
                " was killed without a wait, and 1 reference is held: 1 taken by thread late at ")
            .contains("HoldersTest");
      } else {
        ref.kill();
        unmap(map);
      }
      assertThat(threads(map)).containsExactly("late");
      // a killed map is taken through its page, and no longer by a lookup
      assertThat(machine.getDevPagemap(FIRST, null)).isNull();
      Page page = machine.pfnToPage(FIRST);
      assertThat(page.tryGet()).isTrue();
      assertThat(map.holders()).hasSize(2);
      in(Thread.ofPlatform(), "putter", page::put);
      assertThat(map.holders()).hasSize(1);
      in(Thread.ofPlatform(), "putter", map::put);
      assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
      assertThat(map.holders()).isEmpty();
    }
  }

  @Test
  @DisplayName("TD-5 an unmapping may have any limit, and says in seconds how long it waited")
  void limits() {
    DevPagemap free = over(MemoryType.GENERIC).build();
    machine.memremapPages(free);
    machine.memunmapPages(free, ChronoUnit.FOREVER.getDuration());
    assertThat(free.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    for (Duration limit :
        List.of(
            Duration.ZERO,
            Duration.ofSeconds(Long.MIN_VALUE),
            Duration.ofMillis(1),
            Duration.ofNanos(1))) {
      DevPagemap held = over(MemoryType.GENERIC).build();
      machine.memremapPages(held);
      machine.getDevPagemap(FIRST, null);
      String waited =
          switch (limit.toNanosPart()) {
            case 1 -> ", and after 0.000000001 s 1 reference is held";
            case 0 -> " without a wait, and 1 reference is held";
            default -> ", and after 0.001 s 1 reference is held";
          };
      assertThat(
              catchThrowableOfType(
                      MemremapException.class, () -> machine.memunmapPages(held, limit))
                  .sentence())
          .startsWith(held + " was killed" + waited);
      held.put();
    }
  }

  @Test
  @DisplayName("tracing can begin while a map is in use: what was taken before is not named")
  void late() {
    DevPagemap map = over(MemoryType.GENERIC).build();
    machine.memremapPages(map);
    machine.getDevPagemap(FIRST, null);
    assertThat(map.holders()).isEmpty();
    map.traceHolders(true);
    assertThat(map.holders()).isEmpty();
    in(Thread.ofPlatform(), "second", () -> machine.getDevPagemap(FIRST, null));
    assertThat(threads(map)).containsExactly("second");
    map.traceHolders(false);
    assertThat(map.holders()).isEmpty();
    map.put();
    map.put();
    unmap(map);
  }
}
