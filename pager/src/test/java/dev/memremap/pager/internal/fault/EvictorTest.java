// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.state.MadeState;
import dev.memremap.pager.internal.sys.Descriptor;
import dev.memremap.pager.internal.sys.FakeCalls;
import dev.memremap.pager.internal.sys.Native;
import dev.memremap.pager.internal.sys.Userfault;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How much room is kept free. */
class EvictorTest {
  private static final int LIMIT = 32;
  private static final int PAGE = 4096;

  @ParameterizedTest
  @CsvSource({"32, 32", "33, 30"})
  @DisplayName("It keeps room free, but where all pages may be in memory at once")
  void room(int pages, int left) throws Exception {
    FakeCalls calls = new FakeCalls((name, arguments) -> name.equals("ioctl") ? 0 : null);
    try (MadeState made = MadeState.of(pages, LIMIT);
        Descriptor memory = Descriptor.memfd(Native.calls(), "test-memory", (long) pages * PAGE)) {
      Descriptor file = new Descriptor(calls.door(), 7, "userfaultfd");
      Pager pager =
          new Pager(
              made.state(),
              new FaultedMemory(
                  new Userfault(file, Userfault.Scope.USER, true), memory, 1 << 20, PAGE),
              new Ones(pages),
              new DevicePages(pages, PAGE),
              failure -> {
                throw new AssertionError(failure);
              });
      assertThat(pager.table().claimRun(0, LIMIT)).isEqualTo(LIMIT);
      pager.table().arrived(0, LIMIT);
      // it parks when there is room enough, and never before
      Thread evictor = Thread.ofPlatform().daemon().start(new Evictor(pager));
      while (evictor.getState() != Thread.State.WAITING) {
        assertThat(evictor.isAlive()).isTrue();
        Thread.sleep(1);
      }
      assertThat(made.state().get(Counter.RESIDENT)).isEqualTo(left);
      pager.stop();
      pager.device().close();
    }
  }
}
