// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.internal.state.MadeState;
import dev.memremap.pager.internal.sys.Descriptor;
import dev.memremap.pager.internal.sys.FakeCalls;
import dev.memremap.pager.internal.sys.Native;
import dev.memremap.pager.internal.sys.Userfault;
import dev.memremap.pager.store.PageStore;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What becomes of faults that are told together with one whose page does not come. */
class FaultServerTest {
  private static final int PAGES = 64;
  private static final int PAGE = 4096;
  private static final long BASE = 1 << 20;
  private static final long WAKE = 0x8010aa02L;

  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch answers = new CountDownLatch(1);
  private final AtomicBoolean isTold = new AtomicBoolean();
  private final List<Long> woken = new CopyOnWriteArrayList<>();

  /** Faults of pages 3, 5 and 9 are told at once; then nothing is. */
  private Number answer(String function, Object[] arguments) {
    return switch (function) {
      case "read" -> isTold.getAndSet(true) ? -4 : tell((long) arguments[1], 3, 5, 9);
      case "ioctl" -> {
        if ((long) arguments[1] == WAKE) {
          woken.add((range((long) arguments[2]).get(ValueLayout.JAVA_LONG, 0) - BASE) / PAGE);
        }
        yield 0;
      }
      default -> null;
    };
  }

  @SuppressWarnings("restricted") // it is the argument of a system call
  private static MemorySegment range(long address) {
    return MemorySegment.ofAddress(address).reinterpret(16);
  }

  @SuppressWarnings("restricted") // it is the argument of a system call
  private static int tell(long address, long... pages) {
    MemorySegment events = MemorySegment.ofAddress(address).reinterpret(pages.length * 32L);
    events.fill((byte) 0);
    for (int i = 0; i < pages.length; i++) {
      events.set(ValueLayout.JAVA_BYTE, i * 32L, (byte) 0x12);
      events.set(ValueLayout.JAVA_LONG, i * 32L + 16, BASE + pages[i] * PAGE);
    }
    return pages.length * 32;
  }

  /** A store that does not give page 3 before it is let. */
  private PageStore store() {
    return new PageStore() {
      @Override
      public int pageBytes() {
        return PAGE;
      }

      @Override
      public long pages() {
        return PAGES;
      }

      @Override
      public MemorySegment read(long first, int count, MemorySegment room) {
        asked.countDown();
        try {
          answers.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        return room;
      }

      @Override
      public void write(long first, MemorySegment bytes) {}

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
  }

  @Test
  @DisplayName(
      "They are told anew, and so another thread serves them; the page that is asked for is not")
  void passedOn() throws Exception {
    FakeCalls calls = new FakeCalls(this::answer);
    try (MadeState made = MadeState.of(PAGES, PAGES);
        Descriptor memory = Descriptor.memfd(Native.calls(), "test-memory", (long) PAGES * PAGE)) {
      Userfault userfault =
          new Userfault(new Descriptor(calls.door(), 7, "userfaultfd"), Userfault.Scope.USER, true);
      Pager pager =
          new Pager(
              made.state(),
              new FaultedMemory(userfault, memory, BASE, PAGE),
              store(),
              new DevicePages(PAGES, PAGE),
              failure -> {
                throw new AssertionError(failure);
              });
      FaultServer server = new FaultServer(pager);
      server.passOn();
      assertThat(woken).as("it serves none yet").isEmpty();
      Thread thread = Thread.ofPlatform().start(server);
      asked.await();
      server.passOn();
      assertThat(woken).containsExactlyInAnyOrder(5L, 9L);
      pager.stop();
      answers.countDown();
      thread.join();
      pager.device().close();
    }
  }
}
