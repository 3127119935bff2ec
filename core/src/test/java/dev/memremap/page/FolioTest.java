// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.memremap.Machine;
import dev.memremap.PageHold;
import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hand-outs of several pages, as kernels since 6.19 make them: rows 5 and 6 of docs/kernels.md. */
class FolioTest {
  private static final long FIRST = (1L << 40) >> 12;
  private static final long PAGES = 2048;
  private static final PhysRange POOL = PhysRange.of(1L << 40, PAGES << 12);

  private final Machine machine = machine("6.19");
  private final List<String> called = new ArrayList<>();

  @AfterEach
  void close() {
    machine.close();
  }

  private static Machine machine(String kernel) {
    return Machine.simulated(
        MachineDescription.parse("# kernel=" + kernel + "\n00001000-3fffffff : System RAM\n"));
  }

  private DevPagemap map(Machine on, MemoryType type) {
    DevPagemap map =
        DevPagemap.over(POOL)
            .type(type)
            .owner("driver")
            .ops(
                PagemapOps.none()
                    .withFolioFree(page -> called.add("free " + at(page) + " of " + page.order()))
                    .withFolioSplit(
                        (original, added) ->
                            called.add("split " + at(original) + " to " + at(added)))
                    .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS))
            .build();
    on.memremapPages(map);
    return map;
  }

  private static long at(Page page) {
    return page.pfn() - FIRST;
  }

  private Page page(long at) {
    return Objects.requireNonNull(machine.page(FIRST + at));
  }

  private static long references(DevPagemap map) {
    return map.outsideReferences();
  }

  @ParameterizedTest
  @EnumSource(names = {"PRIVATE", "COHERENT"})
  @DisplayName("row 5 pages handed out as one count at the first, and hold the map by each")
  void handOut(MemoryType type) {
    DevPagemap map = map(machine, type);
    page(512).zoneDeviceInit(9);
    assertThat(references(map)).isEqualTo(512);
    assertThat(page(512).isHead()).isTrue();
    assertThat(List.of(page(512).refCount(), page(513).refCount(), page(1023).refCount()))
        .containsExactly(1, 0, 0);
    assertThat(page(1023).isTail()).isTrue();
    assertThat(page(1023).order()).isEqualTo(9);
    assertThat(page(1023).head()).isEqualTo(page(512));
    assertThat(page(1024).isTail()).isFalse();
    page(700).get();
    assertThat(page(512).refCount()).isEqualTo(2);
    assertThat(references(map)).isEqualTo(513);
    page(701).put();
    assertThat(references(map)).isEqualTo(512);
    assertThat(called).isEmpty();
    page(702).put();
    assertThat(called).containsExactly("free 512 of 9");
    assertThat(references(map)).isZero();
    assertThat(page(702).isTail()).isFalse();
  }

  @Test
  @DisplayName("row 5 a page of an earlier hand-out has neither its order nor its head")
  void cleared() {
    map(machine, MemoryType.PRIVATE);
    page(0).zoneDeviceInit(4);
    page(0).put();
    page(4).zoneDeviceInit(2);
    page(0).zoneDeviceInit();
    assertThat(page(0).order()).isZero();
    assertThat(page(1).isTail()).isFalse();
    assertThat(page(7).head()).isEqualTo(page(4));
    page(7).put();
    page(0).put();
    assertThat(called).containsExactly("free 0 of 4", "free 4 of 2", "free 0 of 0");
  }

  @Test
  @DisplayName("row 5 a view of a page follows it from one hand-out to the next")
  void oldView() {
    DevPagemap map = map(machine, MemoryType.PRIVATE);
    Page third = page(3);
    third.zoneDeviceInit();
    third.put();
    page(0).zoneDeviceInit(2);
    third.get();
    assertThat(page(0).refCount()).isEqualTo(2);
    third.put();
    third.put();
    third.zoneDeviceInit();
    assertThat(third.refCount()).isEqualTo(1);
    third.put();
    assertThat(references(map)).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {8, 9, 12, 15})
  @DisplayName("row 5 where one page is in use, nothing is handed out")
  void inUse(long taken) {
    DevPagemap map = map(machine, MemoryType.PRIVATE);
    page(taken).zoneDeviceInit();
    assertThatIllegalStateException()
        .isThrownBy(() -> page(8).zoneDeviceInit(3))
        .withMessageContaining("order 3");
    assertThat(references(map)).isEqualTo(1);
    for (long at = 8; at < 16; at++) {
      assertThat(page(at).isTail()).isFalse();
      assertThat(page(at).refCount()).isEqualTo(at == taken ? 1 : 0);
    }
    page(taken).put();
    page(8).zoneDeviceInit(3);
    assertThatIllegalStateException().isThrownBy(() -> page(9).zoneDeviceInit());
    assertThatIllegalStateException().isThrownBy(() -> page(0).zoneDeviceInit(4));
    page(8).put();
  }

  @Test
  @DisplayName(
      "D-5 pages begin at a multiple of their number, in one range, and an order has bounds")
  void bounds() {
    DevPagemap map = map(machine, MemoryType.PRIVATE);
    for (int order : new int[] {-1, 32, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> page(0).zoneDeviceInit(order))
          .withMessageContaining("an order is 0 to 31, not " + order);
    }
    assertThatIllegalArgumentException().isThrownBy(() -> page(4).zoneDeviceInit(3));
    assertThatIllegalArgumentException().isThrownBy(() -> page(0).zoneDeviceInit(12));
    page(0).zoneDeviceInit(11);
    assertThat(references(map)).isEqualTo(PAGES);
    page(2047).put();
  }

  @ParameterizedTest
  @ValueSource(strings = {"5.10", "6.1", "6.12", "6.18"})
  @DisplayName("row 5 kernels to 6.18 hand out single pages alone")
  void olderKernels(String kernel) {
    try (Machine older = machine(kernel)) {
      map(older, MemoryType.PRIVATE);
      Page page = Objects.requireNonNull(older.page(FIRST));
      assertThatIllegalStateException()
          .isThrownBy(() -> page.zoneDeviceInit(1))
          .withMessageContaining("since 6.19");
      page.zoneDeviceInit(0);
      page.put();
    }
  }

  @Test
  @DisplayName("row 5 pages of other types are handed out alone")
  void otherTypes() {
    map(machine, MemoryType.FS_DAX);
    assertThatIllegalStateException().isThrownBy(() -> page(0).zoneDeviceInit(1));
  }

  @Test
  @DisplayName("D-4 a hold keeps the whole hand-out, and the last one ends it")
  void held() {
    DevPagemap map = map(machine, MemoryType.COHERENT);
    page(0).zoneDeviceInit(3);
    try (PageHold hold = Objects.requireNonNull(machine.hold(FIRST + 5))) {
      assertThat(page(0).refCount()).isEqualTo(2);
      page(0).put();
      assertThat(called).isEmpty();
      assertThatIllegalStateException().isThrownBy(() -> page(6).zoneDeviceInit());
      assertThatIllegalStateException().isThrownBy(() -> page(0).zoneDeviceInit(3));
      assertThat(hold.page().head()).isEqualTo(page(0));
    }
    assertThat(called).containsExactly("free 0 of 3");
    assertThat(references(map)).isZero();
    page(6).zoneDeviceInit();
    page(6).put();
  }

  @Test
  @DisplayName("row 6 a split gives each part one reference, and tells the driver of each new one")
  void split() {
    DevPagemap map = map(machine, MemoryType.PRIVATE);
    page(16).zoneDeviceInit(4);
    page(19).folioSplit(2);
    assertThat(called).containsExactly("split 16 to 20", "split 16 to 24", "split 16 to 28");
    assertThat(references(map)).isEqualTo(16);
    for (long at = 16; at < 32; at++) {
      assertThat(page(at).head()).isEqualTo(page(at & -4));
      assertThat(page(at).order()).isEqualTo(2);
      assertThat(page(at).refCount()).isEqualTo((at & 3) == 0 ? 1 : 0);
    }
    called.clear();
    page(23).put();
    assertThat(called).containsExactly("free 20 of 2");
    assertThat(references(map)).isEqualTo(12);
    page(16).folioSplit(0);
    page(24).put();
    page(28).put();
    IntStream.range(16, 20).forEach(at -> page(at).put());
    assertThat(references(map)).isZero();
  }

  @Test
  @DisplayName("row 6 a hand-out that others refer to is not split")
  void splitRefused() {
    map(machine, MemoryType.PRIVATE);
    page(0).zoneDeviceInit(2);
    page(1).get();
    assertThatIllegalStateException().isThrownBy(() -> page(0).folioSplit(1));
    page(1).put();
    try (PageHold hold = machine.hold(FIRST + 1)) {
      assertThat(hold).isNotNull();
      assertThatIllegalStateException().isThrownBy(() -> page(0).folioSplit(1));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> page(0).folioSplit(2));
    assertThatIllegalArgumentException().isThrownBy(() -> page(0).folioSplit(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> page(8).folioSplit(0));
    page(0).put();
    assertThatIllegalStateException().isThrownBy(() -> page(0).folioSplit(1));
  }

  @Test
  @DisplayName("row 5 a map waits for all of a hand-out")
  void drains() {
    DevPagemap map = map(machine, MemoryType.PRIVATE);
    page(0).zoneDeviceInit(3);
    Page tail = page(5);
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> machine.memunmapPages(map, Duration.ZERO))
        .withMessageContaining("8 references");
    assertThat(map.state()).isEqualTo(DevPagemap.State.DRAINING);
    tail.put();
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  @DisplayName("row 5 many hand-outs, splits and puts agree with a list of them")
  void model(long seed) {
    DevPagemap map = map(machine, MemoryType.PRIVATE);
    Random random = new Random(seed);
    TreeMap<Long, Integer> handedOut = new TreeMap<>();
    for (int step = 0; step < 2_000; step++) {
      int order = random.nextInt(7);
      long at = random.nextLong(PAGES) >>> order << order;
      long end = at + (1L << order);
      var before = handedOut.lowerEntry(end);
      boolean isFree = before == null || before.getKey() + (1L << before.getValue()) <= at;
      boolean done;
      try {
        page(at).zoneDeviceInit(order);
        done = true;
      } catch (IllegalStateException inUse) {
        done = false;
      }
      assertThat(done).isEqualTo(isFree);
      if (done) {
        handedOut.put(at, order);
      } else if (before != null) {
        long first = before.getKey();
        long some = first + random.nextLong(1L << before.getValue());
        assertThat(page(some).head()).isEqualTo(page(first));
        if (before.getValue() > 0 && random.nextBoolean()) {
          int to = random.nextInt(before.getValue());
          page(some).folioSplit(to);
          for (long part = first; part < first + (1L << before.getValue()); part += 1L << to) {
            handedOut.put(part, to);
          }
        } else {
          page(some).put();
          handedOut.remove(first);
        }
      }
      assertThat(references(map))
          .isEqualTo(handedOut.values().stream().mapToLong(each -> 1L << each).sum());
    }
    List.copyOf(handedOut.keySet()).forEach(first -> page(first).put());
    assertThat(references(map)).isZero();
  }

  @Test
  @DisplayName("row 5 of threads that hand out pages which overlap, one at a time has them")
  void racing() throws InterruptedException {
    DevPagemap map = map(machine, MemoryType.PRIVATE);
    AtomicInteger[] owners =
        IntStream.range(0, 16).mapToObj(each -> new AtomicInteger()).toArray(AtomicInteger[]::new);
    AtomicInteger twice = new AtomicInteger();
    AtomicInteger gained = new AtomicInteger();
    CyclicBarrier start = new CyclicBarrier(2);
    Thread[] threads = new Thread[2];
    for (int t = 0; t < threads.length; t++) {
      Random random = new Random(t);
      threads[t] =
          new Thread(
              () -> {
                try {
                  start.await();
                } catch (Exception e) {
                  throw new AssertionError(e);
                }
                for (int step = 0; step < 20_000; step++) {
                  int order = random.nextInt(5);
                  int at = random.nextInt(16) >>> order << order;
                  Page first = page(at);
                  try {
                    first.zoneDeviceInit(order);
                  } catch (IllegalStateException inUse) {
                    continue;
                  }
                  gained.incrementAndGet();
                  for (int each = at; each < at + (1 << order); each++) {
                    twice.addAndGet(owners[each].getAndIncrement() == 0 ? 0 : 1);
                  }
                  if (page(at + (1 << order) - 1).tryGet()) {
                    first.put();
                  } else {
                    twice.incrementAndGet();
                  }
                  for (int each = at; each < at + (1 << order); each++) {
                    owners[each].decrementAndGet();
                  }
                  first.put();
                }
              });
      threads[t].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(twice).hasValue(0);
    assertThat(gained.get()).isPositive();
    assertThat(references(map)).isZero();
  }
}
