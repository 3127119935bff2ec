// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static dev.memremap.Machines.PMEM;
import static dev.memremap.Machines.RAM;
import static dev.memremap.plan.MemremapFlag.WB;
import static dev.memremap.plan.MemremapFlag.WC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.memremap.Machines.Tables;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.testing.LoggedLines;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.Pipe;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * How long mappings live, and that their end never reaches a reader as anything but an exception.
 */
class LifetimeTest {
  private static final PhysRange LOG = PhysRange.of(PMEM, 8192);
  private static final PhysRange PAGE_OF_RAM = PhysRange.of(RAM, 4096);

  @Test
  @DisplayName(
      "MU-1 a slice of the direct map: its methods throw after close, its segment lives on")
  void directMapSlice() {
    Machine machine = Machines.machine();
    Mapping slice = machine.memremap(PAGE_OF_RAM, WB);
    MemorySegment pointer = slice.segment();
    slice.close();
    slice.close();
    assertThatIllegalStateException().isThrownBy(slice::segment).withMessageContaining("is closed");
    assertThatIllegalStateException().isThrownBy(() -> slice.load(0, 8));
    pointer.set(ValueLayout.JAVA_BYTE, 0, (byte) 42);
    assertThat(machine.memremap(PAGE_OF_RAM, WB).load(0, 8)).isEqualTo(42);
    machine.close();
    assertThatIllegalStateException().isThrownBy(() -> pointer.get(ValueLayout.JAVA_BYTE, 0));
  }

  @Test
  @DisplayName("a strict machine unmaps a slice of the direct map at its close")
  void strictSlice() {
    try (Machine machine = Machine.builder(Machines.qemu()).strict().build()) {
      Mapping slice = machine.memremap(PAGE_OF_RAM, WB);
      MemorySegment pointer = slice.segment();
      assertThat(slice.isDirectMap()).isTrue();
      slice.close();
      assertThatIllegalStateException().isThrownBy(() -> pointer.get(ValueLayout.JAVA_BYTE, 0));
    }
  }

  @Test
  @DisplayName("a mapping of its own: every access throws after close")
  void ownMapping() {
    try (Machine machine = Machines.machine()) {
      Tables before = Tables.of(machine);
      Mapping log = machine.memremap(LOG, WB);
      MemorySegment pointer = log.segment();
      machine.memunmap(log);
      log.close();
      assertThatIllegalStateException().isThrownBy(() -> pointer.get(ValueLayout.JAVA_BYTE, 0));
      assertThatIllegalStateException().isThrownBy(log::force);
      assertThat(Tables.of(machine)).isEqualTo(before);
    }
  }

  @Test
  @DisplayName(
      "a device's mapping: closed early it throws and frees its entries; its bytes stay until the"
          + " release")
  void deviceMapping() {
    try (Machine machine = Machines.machine()) {
      Tables before = Tables.of(machine);
      Device device = machine.newDevice("d");
      Mapping early = device.memremap(LOG, WC);
      Mapping late = device.memremap(PhysRange.of(PMEM + 0x10000, 4096), WC);
      MemorySegment pointer = early.segment();
      device.memunmap(early);
      assertThatIllegalStateException().isThrownBy(early::segment);
      assertThat(pointer.get(ValueLayout.JAVA_BYTE, 0)).isZero();
      assertThat(machine.memtypes().entries()).hasSize(1);
      assertThat(device.devres().size()).isEqualTo(1);
      assertThat(device.release()).isEqualTo(1);
      assertThat(late.isOpen()).isFalse();
      assertThatIllegalStateException().isThrownBy(() -> pointer.get(ValueLayout.JAVA_BYTE, 0));
      assertThat(Tables.of(machine)).isEqualTo(before);
      Mapping again = device.memremap(LOG, WB);
      assertThat(again.cacheMode()).hasToString("WB");
    }
  }

  @Test
  @DisplayName(
      "DR-1, DR-7 a release finds the memory gone in what was registered before the mapping")
  void releaseOrder() {
    try (Machine machine = Machines.machine()) {
      Device device = machine.newDevice("d");
      List<String> order = new ArrayList<>();
      MemorySegment[] pointer = new MemorySegment[1];
      device.devres().addAction(() -> order.add("exit, mapped: " + pointer[0].scope().isAlive()));
      pointer[0] = device.memremap(LOG, WB).segment();
      device.devres().addAction(() -> order.add("kill, mapped: " + pointer[0].scope().isAlive()));
      assertThat(device.release()).isEqualTo(3);
      assertThat(order).containsExactly("kill, mapped: true", "exit, mapped: false");
    }
  }

  @Test
  @DisplayName(
      "LIB-4 memory that an I/O operation holds is not unmapped: close throws, keeps the entries,"
          + " and may be tried again")
  void heldByIo() throws Exception {
    try (Machine machine = Machines.machine()) {
      Mapping log = machine.memremap(LOG, WC);
      Device device = machine.newDevice("d");
      Mapping managed = device.memremap(PhysRange.of(PMEM + 0x10000, 4096), WC);
      Pipe pipe = Pipe.open();
      try (Held own = Held.by(pipe, log.segment())) {
        assertThatIllegalStateException()
            .isThrownBy(log::close)
            .withMessageContaining("mapping 0x40000000-0x40001fff WC cannot be unmapped");
        assertThat(log.isOpen()).isTrue();
        assertThat(machine.memtypes().entries()).hasSize(2);
        own.finish();
      }
      log.close();
      assertThat(machine.memtypes().entries()).hasSize(1);

      Pipe second = Pipe.open();
      try (Held held = Held.by(second, managed.segment())) {
        assertThatIllegalStateException()
            .isThrownBy(device::release)
            .withMessageContaining("device d's memory (mapping 0x40010000-0x40010fff WC)");
        assertThat(managed.isOpen()).isFalse();
        assertThat(machine.memtypes().entries()).hasSize(1);
        held.finish();
      }
      device.release();
      assertThat(machine.memtypes().entries()).isEmpty();
      assertThat(machine.space().quota().taken()).isZero();
    }
  }

  @Test
  @DisplayName(
      "LIB-4 a page map whose memory I/O holds stays whole, and its release may be tried again")
  void pagesHeldByIo() throws Exception {
    try (Machine machine = Machines.machine()) {
      Device device = machine.newDevice("d");
      DevPagemap map =
          DevPagemap.over(PhysRange.of(PMEM, 2 << 20)).type(MemoryType.GENERIC).build();
      DevPagemap again =
          DevPagemap.over(PhysRange.of(PMEM, 2 << 20)).type(MemoryType.GENERIC).build();
      for (boolean managed : new boolean[] {false, true}) {
        MemorySegment memory = managed ? device.memremapPages(map) : machine.memremapPages(map);
        Pipe pipe = Pipe.open();
        try (Held held = Held.by(pipe, memory)) {
          assertThatIllegalStateException()
              .isThrownBy(managed ? device::release : () -> machine.memunmapPages(map))
              .withMessageContaining("cannot be unmapped while an I/O operation uses it");
          assertThat(map.state()).isEqualTo(DevPagemap.State.HELD);
          assertThat(machine.getDevPagemap(PMEM >>> 12, null)).isNull();
          assertThat(machine.explainPages(again).refusal().map(why -> why.errno()))
              .contains(Errno.EEXIST);
          assertThatIllegalStateException()
              .isThrownBy(managed ? device::release : () -> machine.memunmapPages(map));
          held.finish();
        }
        if (managed) {
          device.release();
        } else {
          machine.memunmapPages(map);
        }
        assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
        assertThat(machine.memtypes().isEmpty()).isTrue();
        assertThat(machine.space().quota().taken()).isZero();
      }
    }
  }

  @Test
  @DisplayName("LIB-4 a release goes on with a device's other arenas when I/O holds one of them")
  void heldByIoBesideOthers() throws Exception {
    try (Machine machine = Machine.builder(Machines.qemu()).mappingLimit(100).build()) {
      Device device = machine.newDevice("d");
      Mapping first = device.memremap(LOG, WC);
      for (int i = 0; i < 50; i++) {
        device.memunmap(device.memremap(PhysRange.of(PMEM + 0x10000, 4096), WC));
      }
      Mapping later = device.memremap(PhysRange.of(PMEM + 0x10000, 4096), WC);
      MemorySegment pointer = later.segment();
      try (Held held = Held.by(Pipe.open(), first.segment())) {
        assertThatIllegalStateException().isThrownBy(device::release);
        assertThatIllegalStateException().isThrownBy(() -> pointer.get(ValueLayout.JAVA_BYTE, 0));
        assertThat(machine.memtypes().entries()).hasSize(1);
        held.finish();
      }
      device.release();
      assertThat(machine.space().quota().taken()).isZero();
    }
  }

  /** A thread that waits in a read into a segment, which keeps the segment's arena from closing. */
  private record Held(Thread reader, Pipe pipe) implements AutoCloseable {
    static Held by(Pipe pipe, MemorySegment segment) throws InterruptedException {
      Thread reader =
          new Thread(
              () -> {
                try {
                  pipe.source().read(segment.asSlice(0, 1).asByteBuffer());
                } catch (java.io.IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      reader.start();
      // the segment is held before the read enters native code, which the stack shows
      while (!isInNativeRead(reader.getStackTrace())) {
        assertThat(reader.isAlive()).as("the reader waits").isTrue();
        Thread.sleep(1);
      }
      return new Held(reader, pipe);
    }

    private static boolean isInNativeRead(StackTraceElement[] stack) {
      return stack.length > 0
          && stack[0].isNativeMethod()
          && stack[0].getClassName().startsWith("sun.nio.ch.");
    }

    void finish() throws Exception {
      pipe.sink().write(java.nio.ByteBuffer.wrap(new byte[] {1}));
      reader.join();
    }

    @Override
    public void close() throws Exception {
      pipe.sink().close();
      reader.join();
      pipe.source().close();
    }
  }

  @Test
  @DisplayName("LIB-5 a closed machine answers nothing, and closes what was mapped")
  void closedMachine() {
    Machine machine = Machines.machine();
    Mapping leaked = machine.memremap(LOG, WB);
    Mapping ram = machine.memremap(PAGE_OF_RAM, WB);
    Mapping managed = machine.newDevice("d").memremap(LOG, WB);
    machine.close();
    machine.close();
    for (Mapping mapping : List.of(leaked, ram, managed)) {
      assertThatIllegalStateException().isThrownBy(mapping::segment);
    }
    assertThatIllegalStateException()
        .isThrownBy(() -> machine.memremap(LOG, WB))
        .withMessageContaining("the machine is closed");
    assertThatIllegalStateException().isThrownBy(() -> machine.newDevice("e"));
  }

  @Test
  @DisplayName("a machine that traces says which mappings leaked, and where they were made")
  void leaksAreNamed() {
    try (LoggedLines log = new LoggedLines("dev.memremap")) {
      Machine machine = Machine.builder(Machines.qemu()).tracing().build();
      Mapping leaked = machine.memremap(LOG, WC);
      assertThat(leaked.madeAt())
          .get()
          .asString()
          .startsWith("dev.memremap.LifetimeTest.leaksAreNamed");
      machine.close();
      assertThat(log.lines())
          .singleElement()
          .asString()
          .contains("1 live mapping, closed now")
          .contains("mapping 0x40000000-0x40001fff WC, made at dev.memremap.LifetimeTest");
    }
  }

  @Test
  @DisplayName(
      "LIB-1 the system's own limit on mappings is never reached: half of it is refused with its"
          + " sysctl")
  void limitOfTheSystem() {
    try (Machine machine = Machines.machine()) {
      MemremapException refusal = null;
      List<Mapping> mappings = new ArrayList<>();
      // far apart, so that the kernel does not join two mappings into one area
      for (int i = 0; i < 200_000 && refusal == null; i++) {
        try {
          mappings.add(machine.memremap(PhysRange.of(PMEM + i % 16384 * 0x2000L, 4096), WB));
        } catch (MemremapException e) {
          refusal = e;
        }
      }
      org.junit.jupiter.api.Assumptions.assumeTrue(
          refusal != null, "this system sets no limit on mappings that 200,000 reach");
      assertThat(refusal.errno()).isEqualTo(Errno.ENOMEM);
      assertThat(refusal.rule()).isEqualTo(Rule.LIB_1);
      assertThat(refusal).hasMessageContaining("vm.max_map_count");
      assertThat(machine.memtypes().entries()).hasSize(mappings.size());
      mappings.getLast().close();
      assertThatCode(() -> machine.memremap(LOG, WB).close()).doesNotThrowAnyException();
      assertThatCode(() -> Thread.ofPlatform().start(() -> {}).join()).doesNotThrowAnyException();
    }
  }

  @Test
  @DisplayName(
      "LIB-1 a device that maps and unmaps without end never reaches a limit, and keeps what is"
          + " open")
  void deviceCycles() {
    try (Machine machine = Machine.builder(Machines.qemu()).mappingLimit(3_000).build()) {
      Device device = machine.newDevice("d");
      Mapping kept = device.memremap(LOG, WC);
      List<Mapping> window = new ArrayList<>();
      for (int i = 0; i < 20_000; i++) {
        window.add(device.memremap(PhysRange.of(PMEM + 0x10000 + i % 64 * 4096L, 4096), WC));
        if (window.size() > 32) {
          device.memunmap(window.removeFirst());
        }
      }
      assertThat(machine.space().quota().taken()).isLessThan(3_000);
      kept.store(0, 64, 42);
      assertThat(kept.load(0, 64)).isEqualTo(42);
      assertThat(machine.liveMappings()).hasSize(33);
      assertThat(device.release()).isEqualTo(33);
      assertThat(machine.space().quota().taken()).isZero();
      assertThatIllegalStateException().isThrownBy(() -> kept.load(0, 64));
    }
  }

  @Test
  @DisplayName(
      "LIB-1 a device that keeps one mapping of many open never reaches a limit by those it closed")
  void deviceCyclesBesideKept() {
    try (Machine machine = Machine.builder(Machines.qemu()).mappingLimit(3_000).build()) {
      Device device = machine.newDevice("d");
      List<Mapping> kept = new ArrayList<>();
      for (int i = 0; i < 20_000; i++) {
        Mapping mapping = device.memremap(PhysRange.of(PMEM + i % 64 * 4096L, 4096), WC);
        if (i % 500 == 0) {
          kept.add(mapping);
        } else {
          device.memunmap(mapping);
        }
      }
      assertThat(machine.space().quota().taken()).isLessThan(1_000);
      kept.get(7).store(0, 64, 42);
      assertThat(kept.get(7).load(0, 64)).isEqualTo(42);
      assertThat(device.release()).isEqualTo(40);
      assertThat(machine.space().quota().taken()).isZero();
      assertThatIllegalStateException().isThrownBy(() -> kept.get(7).load(0, 64));
    }
  }

  @Test
  @DisplayName("LIB-1 a device of which a crowd of mappings shrank to one never reaches a limit")
  void deviceCrowds() {
    try (Machine machine = Machine.builder(Machines.qemu()).mappingLimit(3_000).build()) {
      Device device = machine.newDevice("d");
      for (int round = 0; round < 10; round++) {
        List<Mapping> crowd = new ArrayList<>();
        for (int i = 0; i < 800; i++) {
          crowd.add(device.memremap(PhysRange.of(PMEM + i * 4096L, 4096), WC));
        }
        crowd.removeFirst();
        crowd.forEach(device::memunmap);
      }
      assertThat(machine.space().quota().taken()).isLessThan(2 * 800 + 1_000);
      assertThat(device.release()).isEqualTo(10);
      assertThat(machine.space().quota().taken()).isZero();
    }
  }

  @Test
  @DisplayName(
      "LIB-1 a limit of one's own is named as such, and counts slices of the direct map once")
  void limitOfTheBuilder() {
    try (Machine machine = Machine.builder(Machines.qemu()).mappingLimit(2).build()) {
      machine.memremap(PAGE_OF_RAM, WB);
      machine.memremap(PhysRange.of(RAM + 4096, 4096), WB);
      machine.memremap(LOG, WB);
      Tables full = Tables.of(machine);
      assertThatExceptionOfType(MemremapException.class)
          .isThrownBy(() -> machine.memremap(LOG, WB))
          .withMessageContaining("2 mappings")
          .withMessageContaining("the limit the machine was built with");
      assertThat(Tables.of(machine)).isEqualTo(full);
    }
  }

  @Test
  @DisplayName(
      "readers and closers race for seconds: every access is whole or throws, and nothing is left")
  void readersAndClosers() throws Exception {
    try (Machine machine = Machines.machine()) {
      Tables before = Tables.of(machine);
      AtomicBoolean stop = new AtomicBoolean();
      Mapping[] shared = {machine.memremap(LOG, WB)};
      var failures = new ConcurrentLinkedQueue<Throwable>();
      CountDownLatch started = new CountDownLatch(3);
      AtomicLong refused = new AtomicLong();
      List<Thread> readers = new ArrayList<>();
      for (int r = 0; r < 3; r++) {
        readers.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      started.countDown();
                      while (!stop.get()) {
                        Mapping mapping;
                        synchronized (shared) {
                          mapping = shared[0];
                        }
                        try {
                          MemorySegment segment = mapping.segment();
                          for (long at = 0; at < segment.byteSize(); at += 64) {
                            segment.set(ValueLayout.JAVA_BYTE, at, (byte) 1);
                            if (segment.get(ValueLayout.JAVA_BYTE, at) != 1) {
                              failures.add(new AssertionError("a store was lost at " + at));
                            }
                          }
                        } catch (IllegalStateException e) {
                          refused.incrementAndGet();
                        } catch (Throwable e) {
                          failures.add(e);
                          return;
                        }
                      }
                    }));
      }
      started.await();
      // a reader that was preempted meets a closed mapping in some later round
      for (int closed = 0; closed < 300 || refused.get() == 0; closed++) {
        assertThat(failures).isEmpty();
        Mapping old;
        synchronized (shared) {
          old = shared[0];
        }
        old.close();
        Mapping fresh = machine.memremap(LOG, WB);
        synchronized (shared) {
          shared[0] = fresh;
        }
      }
      stop.set(true);
      for (Thread reader : readers) {
        reader.join();
      }
      shared[0].close();
      assertThat(failures).isEmpty();
      assertThat(Tables.of(machine)).isEqualTo(before);
    }
  }
}
