// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.state.MadeState;
import dev.memremap.pager.internal.state.PageState;
import dev.memremap.pager.internal.sys.Descriptor;
import dev.memremap.pager.internal.sys.FakeCalls;
import dev.memremap.pager.internal.sys.Native;
import dev.memremap.pager.internal.sys.Userfault;
import dev.memremap.pager.store.StoreException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a page that is brought in while the application dies. */
class FetchTest {
  private static final long COPY = 0xc028aa03L;
  private static final int PAGES = 64;
  private static final int LIMIT = 32;
  private static final int PAGE = 4096;
  private static final int EAGAIN = 11;

  /** The application lets as many pages be copied; thereafter it is as if it had died. */
  private Pager pager(MadeState made, Descriptor memory, Ones store, int copied, int errno) {
    int[] left = {copied};
    FakeCalls calls =
        new FakeCalls(
            (name, arguments) -> {
              if (!name.equals("ioctl")) {
                return null;
              }
              if ((long) arguments[1] == COPY) {
                return copy(memory, (long) arguments[2], left, errno);
              }
              return left[0] > 0 ? 0 : -errno;
            });
    Descriptor file = new Descriptor(calls.door(), 7, "userfaultfd");
    Userfault userfault = new Userfault(file, Userfault.Scope.USER, true);
    return new Pager(
        made.state(),
        new FaultedMemory(userfault, memory, 1 << 20, PAGE),
        store,
        new DevicePages(PAGES, PAGE),
        failure -> {
          throw new AssertionError(failure);
        });
  }

  /** As UFFDIO_COPY does: destination, source, length, mode, and how many bytes were copied. */
  @SuppressWarnings("restricted") // it is the argument of an ioctl
  private static int copy(Descriptor memory, long address, int[] left, int errno) throws Exception {
    MemorySegment argument = MemorySegment.ofAddress(address).reinterpret(40);
    if (left[0] == 0) {
      argument.set(ValueLayout.JAVA_LONG, 32, -errno);
      return -errno;
    }
    long to = argument.get(ValueLayout.JAVA_LONG, 0) - (1 << 20);
    long wanted = argument.get(ValueLayout.JAVA_LONG, 16) / PAGE;
    long pages = Math.min(left[0], wanted);
    left[0] -= (int) pages;
    try (Arena arena = Arena.ofConfined()) {
      memory.map((long) PAGES * PAGE, arena).asSlice(to, pages * PAGE).fill((byte) 1);
    }
    argument.set(ValueLayout.JAVA_LONG, 32, pages * PAGE);
    return pages == wanted ? 0 : -EAGAIN;
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 2}) // ESRCH, ENOENT
  @DisplayName("A page that an application died in writing to is not written to the store as zeros")
  void died(int errno) throws Exception {
    Ones store = new Ones(PAGES);
    try (MadeState made = MadeState.of(PAGES, LIMIT);
        Descriptor memory = Descriptor.memfd(Native.calls(), "test-memory", (long) PAGES * PAGE)) {
      Pager pager = pager(made, memory, store, 0, errno);
      Fetch fetch = new Fetch(pager);
      fetch.begin();
      assertThat(pager.table().claim(5)).isEqualTo(Claim.CLAIMED);
      StoreException why = fetch.bring(5, 1, true, System.nanoTime());
      assertThat(why).hasMessageContaining("the application has ended");
      pager.table().outage(5);
      new Flush(pager).all();
      assertThat(pager.eviction().evict(LIMIT, false)).isZero();
      assertThat(store.written).isEmpty();
      assertThat(made.state().get(Counter.DIRTY)).isZero();
      assertThat(made.state().get(Counter.RESIDENT)).isZero();
      pager.device().close();
    }
  }

  @Test
  @DisplayName("Of pages that came before it died, the one that it wrote to is kept")
  void halfway() throws Exception {
    Ones store = new Ones(PAGES);
    try (MadeState made = MadeState.of(PAGES, LIMIT);
        Descriptor memory = Descriptor.memfd(Native.calls(), "test-memory", (long) PAGES * PAGE)) {
      Pager pager = pager(made, memory, store, 3, 3);
      Fetch fetch = new Fetch(pager);
      fetch.begin();
      assertThat(pager.table().claimRun(5, 8)).isEqualTo(8);
      assertThat(fetch.bring(5, 8, true, System.nanoTime())).isNull();
      for (int page = 5; page < 13; page++) {
        int expected = page < 8 ? PageState.PRESENT | (page == 5 ? PageState.DIRTY : 0) : 0;
        assertThat(made.state().page(page)).as("page %d", page).isEqualTo(expected);
      }
      new Flush(pager).all();
      assertThat(store.written).containsExactly(5L);
      assertThat(made.state().get(Counter.RESIDENT)).isEqualTo(3);
      pager.device().close();
    }
  }
}
