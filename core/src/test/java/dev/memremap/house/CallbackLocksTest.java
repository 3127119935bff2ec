// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.memremap.Machine;
import dev.memremap.cache.CacheMode;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.MemorySource;
import dev.memremap.spi.RecordingBacking;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The condition "no callback, action, release or logger is called while a lock or monitor of ours
 * is held", looked at on the entry of each callback.
 *
 * <p>Which callbacks there are is read from the exported API: each parameter of an interface that a
 * user may implement, {@code spi} apart. One that has no case here fails the test.
 */
class CallbackLocksTest {
  @BeforeEach
  void needsMonitors() {
    assumeTrue(
        ManagementFactory.getThreadMXBean().isObjectMonitorUsageSupported()
            && ManagementFactory.getThreadMXBean().isSynchronizerUsageSupported(),
        "skipped: this JVM does not say which locks a thread holds");
  }

  @Test
  @DisplayName("each callback of the exported API has a case here")
  void everyCallbackHasACase() {
    assertThat(UserCallbacks.of(UserCallbacks.exported())).isEqualTo(CallbackCases.parameters());
  }

  @Test
  @DisplayName("each exported interface that a user may implement is a parameter of some method")
  void everyInterfaceIsAParameter() {
    Set<String> parameters = UserCallbacks.of(UserCallbacks.exported());
    assertThat(UserCallbacks.exported().stream().filter(UserCallbacks::isCallback))
        .isNotEmpty()
        .allSatisfy(
            type ->
                assertThat(parameters)
                    .anyMatch(line -> line.endsWith("(" + type.getSimpleName() + ")")));
  }

  static Set<String> cases() {
    return CallbackCases.names();
  }

  @ParameterizedTest
  @MethodSource("cases")
  @DisplayName("no lock or monitor of the library is held on the entry of a callback")
  void noLockIsHeld(String callback) {
    CallbackCases cases = new CallbackCases();
    cases.run(callback);
    assertThat(cases.entered()).isNotEmpty();
    assertThat(cases.held()).isEmpty();
  }

  /** An exported type would have such a method. */
  static final class Planted {
    private Planted() {}

    /** Takes a callback. */
    public static void told(Runnable callback) {
      callback.run();
    }
  }

  @Test
  @DisplayName("a new callback, a monitor of the library and a lock are noticed")
  void plantedViolationsAreNoticed() {
    assertThat(UserCallbacks.of(List.of(Planted.class))).containsExactly("Planted.told(Runnable)");
    assertThat(HeldLocks.ofTheLibrary()).isEmpty();
    ReentrantLock lock = new ReentrantLock();
    lock.lock();
    try {
      Planted.told(() -> assertThat(HeldLocks.ofTheLibrary()).hasSize(1));
    } finally {
      lock.unlock();
    }
    // a source is mapped under the monitor of its region
    try (Machine machine = CallbackCases.machine()) {
      List<String> inside = new ArrayList<>();
      machine.attach("source", new MonitoredSource(() -> inside.addAll(HeldLocks.ofTheLibrary())));
      machine.memremap(machine.resource("source").range(), MemremapFlag.WB).close();
      assertThat(inside).isNotEmpty();
    }
  }

  /** Memory that runs something when it is mapped, which happens under locks of the library. */
  private record MonitoredSource(Runnable mapped) implements MemorySource {
    @Override
    public String name() {
      return "monitored";
    }

    @Override
    public long sizeBytes() {
      return 4096;
    }

    @Override
    public MappedBytes map(long offset, long length, Arena arena) {
      mapped.run();
      return new MappedBytes(arena.allocate(length, 4096), CacheMode.WB, new RecordingBacking());
    }

    @Override
    public void close() {}
  }
}
