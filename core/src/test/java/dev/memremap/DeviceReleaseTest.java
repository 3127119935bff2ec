// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static dev.memremap.Machines.PMEM;
import static dev.memremap.plan.MemremapFlag.WC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.memremap.internal.teardown.Patience;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.testing.LoggedLines;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Which devices a machine has, how they are released, and how long that waits. */
class DeviceReleaseTest {
  private static final PhysRange LOG = PhysRange.of(PMEM, 8192);
  private static final PhysRange POOL = PhysRange.of(PMEM + (4L << 20), 4L << 20);
  private static final long PFN = POOL.firstPfn(4096);

  private final Machine machine = Machines.machine();

  @AfterEach
  void close() {
    machine.close();
  }

  private DevPagemap pool(Device device) {
    DevPagemap pool = DevPagemap.over(POOL).type(MemoryType.GENERIC).name("pool").build();
    device.memremapPages(pool);
    return pool;
  }

  // ---- which there are ---------------------------------------------------------------------

  @Test
  @DisplayName("a name finds one device, the machine's own or a new one, however often it is asked")
  void oneOfEachName() {
    Device own = machine.device("0000:00:02.0");
    assertThat(machine.device("0000:00:02.0")).isSameAs(own);
    own.memremap(LOG, WC);
    own.release();
    assertThat(machine.device("0000:00:02.0")).as("released, and still the one").isSameAs(own);
    Device made = machine.newDevice("d");
    assertThat(machine.device("d")).isSameAs(made);
  }

  @Test
  @DisplayName("an unknown name is refused at once, with the names there are")
  void unknown() {
    machine.newDevice("mine");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> machine.device("0000:00:09.0"))
        .withMessage(
            "no device is named '0000:00:09.0'; there are 0000:00:02.0, mine; machine.newDevice makes one");
    assertThatIllegalArgumentException().isThrownBy(() -> machine.device("System RAM"));
    assertThatIllegalArgumentException().isThrownBy(() -> machine.device("PCI Bus 0000:00"));
  }

  @Test
  @DisplayName("a name is given once, and again after the release")
  void newNames() {
    Device first = machine.newDevice("d");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> machine.newDevice("d"))
        .withMessageContaining("there is a device d");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> machine.newDevice("0000:00:02.0"))
        .withMessageContaining("the machine has a device 0000:00:02.0");
    first.close();
    assertThatIllegalArgumentException().isThrownBy(() -> machine.device("d"));
    assertThat(machine.newDevice("d")).isNotSameAs(first);
  }

  @Test
  @DisplayName("a device that is used again after its release is released with the machine")
  void usedAgain() {
    List<String> ran = new ArrayList<>();
    Device mapped = machine.newDevice("mapped");
    Device acting = machine.newDevice("acting");
    mapped.release();
    acting.release();
    Mapping mapping = mapped.memremap(LOG, WC);
    acting.devres().addAction(() -> ran.add("acted, mapped: " + mapping.isOpen()));
    assertThat(machine.device("mapped")).isSameAs(mapped);
    machine.close();
    assertThat(ran).as("the newest first").containsExactly("acted, mapped: true");
    assertThat(mapping.isOpen()).isFalse();
  }

  // ---- how long ----------------------------------------------------------------------------

  @Test
  @DisplayName("TD-5 a release with a limit: EBUSY with the holders, all else goes, and again")
  void limited() throws InterruptedException {
    Device device = machine.newDevice("d");
    List<String> ran = new ArrayList<>();
    device.devres().addAction(() -> ran.add("oldest"));
    Mapping older = device.memremap(LOG, WC);
    DevPagemap pool = pool(device);
    pool.traceHolders(true);
    DevPagemap held = machine.getDevPagemap(PFN, null);
    Mapping newer = device.memremap(PhysRange.of(PMEM + 0x10000, 4096), WC);

    for (int round = 0; round < 2; round++) {
      assertThatExceptionOfType(MemremapException.class)
          .isThrownBy(() -> device.release(Duration.ZERO))
          .matches(e -> e.errno() == Errno.EBUSY)
          .withMessageContaining("1 reference is held")
          .withMessageContaining("DeviceReleaseTest.limited");
      assertThat(ran).containsExactly("oldest");
      assertThat(older.isOpen() || newer.isOpen()).isFalse();
      assertThat(pool.state()).isEqualTo(DevPagemap.State.DRAINING);
      assertThat(device.devres().size()).as("the map's record is kept").isEqualTo(1);
      assertThat(machine.device("d")).as("and the device is listed").isSameAs(device);
    }
    held.put();
    assertThat(pool.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    assertThat(device.release(Duration.ZERO)).isEqualTo(1);
    assertThatIllegalArgumentException().isThrownBy(() -> machine.device("d"));
  }

  @Test
  @DisplayName("an interrupt ends the waiting of a release, and all else is released")
  void interrupted() {
    Device device = machine.newDevice("d");
    Mapping older = device.memremap(LOG, WC);
    DevPagemap pool = pool(device);
    DevPagemap held = machine.getDevPagemap(PFN, null);
    Thread.currentThread().interrupt();
    assertThatExceptionOfType(InterruptedException.class)
        .isThrownBy(() -> device.release(Duration.ofDays(1)))
        .satisfies(e -> assertThat(e.getSuppressed()[0]).isInstanceOf(MemremapException.class));
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertThat(older.isOpen()).isFalse();
    held.put();
    assertThat(pool.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    assertThat(device.release()).isEqualTo(1);
  }

  @Test
  @DisplayName("a release that waits says in the log what holds it")
  void saysWhatHoldsIt() throws Exception {
    Device device = machine.newDevice("d");
    DevPagemap pool = pool(device);
    DevPagemap held = machine.getDevPagemap(PFN, null);
    Patience talkative = Patience.unlimited(new Patience.Rhythm(1, 1_000_000, System::nanoTime));
    try (LoggedLines log = new LoggedLines("dev.memremap")) {
      FutureTask<Integer> release = new FutureTask<>(() -> device.release(talkative));
      Thread.ofPlatform().daemon().start(release);
      while (log.lines().size() < 3) {
        Thread.onSpinWait();
      }
      held.put();
      assertThat(release.get()).isEqualTo(1);
      assertThat(log.lines())
          .allSatisfy(line -> assertThat(line).contains("waiting for page map pool"))
          .first()
          .asString()
          .contains("1 reference is held");
    }
    assertThat(pool.state()).isEqualTo(DevPagemap.State.UNMAPPED);
  }

  @Test
  @DisplayName("closing a machine waits for no holder, and a release that waits for one goes on")
  void closingWakesARelease() throws Exception {
    Device device = machine.newDevice("d");
    DevPagemap pool = pool(device);
    DevPagemap held = machine.getDevPagemap(PFN, null);
    Patience talkative = Patience.unlimited(new Patience.Rhythm(1, 1_000_000, System::nanoTime));
    try (LoggedLines log = new LoggedLines("dev.memremap")) {
      FutureTask<Integer> release = new FutureTask<>(() -> device.release(talkative));
      Thread.ofPlatform().daemon().start(release);
      while (log.lines().isEmpty()) {
        Thread.onSpinWait();
      }
      machine.close();
      assertThat(release.get()).isEqualTo(1);
    }
    assertThat(pool.state()).isEqualTo(DevPagemap.State.DRAINING);
    held.put();
    assertThat(pool.state()).isEqualTo(DevPagemap.State.UNMAPPED);
  }

  @Test
  @DisplayName("a close with a limit gives holders time; what is held then goes with its holder")
  void closeWithALimit() throws InterruptedException {
    DevPagemap managed = pool(machine.newDevice("d"));
    PhysRange range = PhysRange.of(PMEM + (16L << 20), 2L << 20);
    DevPagemap unmanaged = DevPagemap.over(range).type(MemoryType.GENERIC).build();
    machine.memremapPages(unmanaged);
    Mapping mapping = machine.memremap(LOG, WC);
    DevPagemap one = machine.getDevPagemap(PFN, null);
    DevPagemap other = machine.getDevPagemap(range.firstPfn(4096), null);
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> machine.close(Duration.ZERO))
        .matches(e -> e.errno() == Errno.EBUSY)
        .withMessageContaining("page map pool")
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    assertThat(mapping.isOpen()).isFalse();
    assertThatIllegalStateException().isThrownBy(() -> machine.newDevice("e"));
    one.put();
    other.put();
    assertThat(managed.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    assertThat(unmanaged.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    assertThat(machine.space().quota().taken()).isZero();
    machine.close(Duration.ZERO);
  }

  @Test
  @DisplayName(
      "a close with a limit waits for a holder that puts in time, and an interrupt ends it")
  void closeWaits() throws Exception {
    DevPagemap pool = pool(machine.newDevice("d"));
    DevPagemap held = machine.getDevPagemap(PFN, null);
    Thread holder =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (pool.state() == DevPagemap.State.LIVE) {
                    Thread.onSpinWait();
                  }
                  held.put();
                });
    machine.close(Duration.ofDays(1));
    assertThat(pool.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    holder.join();

    Machine second = Machines.machine();
    DevPagemap other = DevPagemap.over(POOL).type(MemoryType.GENERIC).build();
    second.memremapPages(other);
    DevPagemap taken = second.getDevPagemap(PFN, null);
    Thread.currentThread().interrupt();
    assertThatExceptionOfType(InterruptedException.class)
        .isThrownBy(() -> second.close(Duration.ofDays(1)));
    taken.put();
    assertThat(other.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    second.close();
  }

  // ---- releases inside releases ------------------------------------------------------------

  @Test
  @DisplayName("D-5 two devices whose actions release each other: the second is refused, by name")
  void eachOther() {
    Device a = machine.newDevice("a");
    Device b = machine.newDevice("b");
    List<String> ran = new ArrayList<>();
    Mapping left = a.memremap(LOG, WC);
    Mapping right = b.memremap(PhysRange.of(PMEM + 0x10000, 4096), WC);
    a.devres().addAction(b::release);
    b.devres().addAction(() -> ran.add("b's older action"));
    b.devres().addAction(a::release);
    assertThatIllegalStateException()
        .isThrownBy(a::release)
        .withMessageContaining("device a")
        .withMessageContaining("device b");
    assertThat(ran).containsExactly("b's older action");
    assertThat(left.isOpen() || right.isOpen()).isFalse();
    assertThat(a.release() + b.release()).isZero();
  }

  @Test
  @DisplayName("D-5 two devices whose actions release each other, in two threads, do not hang")
  void eachOtherInTwoThreads() throws Exception {
    Device a = machine.newDevice("a");
    Device b = machine.newDevice("b");
    Mapping left = a.memremap(LOG, WC);
    Mapping right = b.memremap(PhysRange.of(PMEM + 0x10000, 4096), WC);
    CountDownLatch both = new CountDownLatch(2);
    a.devres().addAction(() -> meet(both, b));
    b.devres().addAction(() -> meet(both, a));
    FutureTask<String> one = new FutureTask<>(() -> released(a));
    FutureTask<String> other = new FutureTask<>(() -> released(b));
    Thread.ofPlatform().daemon().name("one").start(one);
    Thread.ofPlatform().daemon().name("other").start(other);
    assertThat(List.of(one.get(), other.get()))
        .filteredOn(said -> !said.equals("released"))
        .singleElement()
        .asString()
        .contains("device a")
        .contains("device b");
    assertThat(left.isOpen() || right.isOpen()).isFalse();
  }

  private static void meet(CountDownLatch both, Device other) {
    both.countDown();
    try {
      both.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    other.release();
  }

  private static String released(Device device) {
    try {
      device.release();
      return "released";
    } catch (IllegalStateException refused) {
      return refused.getMessage();
    }
  }

  @Test
  @DisplayName("an action may release its own device, and close its machine")
  void inItsOwnAction() {
    Device device = machine.newDevice("d");
    Mapping older = device.memremap(LOG, WC);
    List<Object> seen = new ArrayList<>();
    device
        .devres()
        .addAction(
            () -> {
              device.devres().addAction(() -> seen.add("added in the release"));
              seen.add(device.release());
            });
    assertThat(device.release()).isEqualTo(2);
    assertThat(seen).containsExactly("added in the release", 1);
    assertThat(older.isOpen()).isFalse();

    Mapping left = machine.memremap(LOG, WC);
    device.memremap(PhysRange.of(PMEM + 0x10000, 4096), WC);
    device.devres().addAction(machine::close);
    assertThat(device.release()).isEqualTo(2);
    assertThat(left.isOpen()).isFalse();
    assertThatIllegalStateException().isThrownBy(() -> machine.newDevice("e"));
  }

  @Test
  @DisplayName("a close inside an action that the close runs does nothing, and the close goes on")
  void closeInsideClose() {
    List<String> ran = new ArrayList<>();
    Device device = machine.newDevice("d");
    device.devres().addAction(() -> ran.add("older"));
    device
        .devres()
        .addAction(
            () -> {
              machine.close();
              ran.add("closed inside");
            });
    Mapping mapping = machine.memremap(LOG, WC);
    machine.close();
    assertThat(ran).containsExactly("closed inside", "older");
    assertThat(mapping.isOpen()).isFalse();
  }

  @Test
  @DisplayName("two releases of one device: the second returns when the first has ended")
  void twoReleases() throws Exception {
    Device device = machine.newDevice("d");
    CountDownLatch inAction = new CountDownLatch(1);
    CountDownLatch mayGoOn = new CountDownLatch(1);
    List<String> ran = new ArrayList<>();
    device
        .devres()
        .addAction(
            () -> {
              inAction.countDown();
              try {
                mayGoOn.await();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
              ran.add("action");
            });
    FutureTask<Integer> first = new FutureTask<>(device::release);
    Thread.ofPlatform().daemon().name("first").start(first);
    inAction.await();
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> device.release(Duration.ZERO))
        .withMessageContaining("thread first releases device d");
    FutureTask<Integer> second = new FutureTask<>(device::release);
    Thread waiting = Thread.ofPlatform().daemon().start(second);
    while (waiting.getState() != Thread.State.WAITING
        && waiting.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    mayGoOn.countDown();
    assertThat(second.get()).isZero();
    assertThat(ran).containsExactly("action");
    assertThat(first.get()).isEqualTo(1);
  }
}
