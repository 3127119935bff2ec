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
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What becomes of faults while one of them waits for the store. */
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

  /** Reads a page of a store, or does something else instead. */
  @FunctionalInterface
  private interface Reading {
    void of(long page) throws InterruptedException, BrokenBarrierException;
  }

  private static PageStore store(Reading reading) {
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
        try {
          reading.of(first);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        } catch (BrokenBarrierException e) {
          throw new AssertionError(e);
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

  /** What a test does with a pager that has no threads yet. */
  @FunctionalInterface
  private interface Body {
    void with(Pager pager) throws Exception;
  }

  private static void served(FakeCalls.Answer answer, Reading reading, Body body) throws Exception {
    FakeCalls calls = new FakeCalls(answer);
    try (MadeState made = MadeState.of(PAGES, PAGES);
        Descriptor memory = Descriptor.memfd(Native.calls(), "test-memory", (long) PAGES * PAGE)) {
      Userfault userfault =
          new Userfault(new Descriptor(calls.door(), 7, "userfaultfd"), Userfault.Scope.USER, true);
      Pager pager =
          new Pager(
              made.state(),
              new FaultedMemory(userfault, memory, BASE, PAGE),
              store(reading),
              new DevicePages(PAGES, PAGE),
              failure -> {
                throw new AssertionError(failure);
              });
      body.with(pager);
      pager.device().close();
    }
  }

  @Test
  @DisplayName(
      "They are told anew, and so another thread serves them; the page that is asked for is not")
  void passedOn() throws Exception {
    served(
        this::answer,
        page -> {
          asked.countDown();
          answers.await();
        },
        pager -> {
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
        });
  }

  /** A fault each time that it is asked, in an order that no page is read ahead in. */
  private Number oneByOne(AtomicInteger next, String function, Object[] arguments) {
    return switch (function) {
      case "read" -> {
        int fault = next.getAndIncrement();
        yield fault < PAGES ? tell((long) arguments[1], Integer.reverse(fault) >>> 26) : -4;
      }
      case "ioctl" -> 0;
      default -> null;
    };
  }

  @Test
  @DisplayName("Where the store is slow, faults wait for it together")
  void together() throws Exception {
    int together = 8;
    int slow = 16;
    AtomicInteger next = new AtomicInteger();
    AtomicInteger reads = new AtomicInteger();
    CyclicBarrier all = new CyclicBarrier(together);
    CountDownLatch met = new CountDownLatch(together);
    served(
        (function, arguments) -> oneByOne(next, function, arguments),
        page -> {
          int read = reads.getAndIncrement();
          if (read < slow) {
            Thread.sleep(1);
          } else if (read < slow + together) {
            // ends if so many threads ask at once, and never else
            all.await();
            met.countDown();
          }
        },
        pager -> {
          Thread first = Thread.ofPlatform().start(new FaultServer(pager));
          assertThat(met.await(1, TimeUnit.MINUTES)).isTrue();
          pager.stop();
          first.join();
        });
  }

  @Test
  @DisplayName("One thread's faults are served by two in turn, however slow the store is")
  void inTurn() throws Exception {
    int slow = 16;
    AtomicInteger next = new AtomicInteger();
    Semaphore came = new Semaphore(1);
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    CountDownLatch last = new CountDownLatch(slow);
    served(
        (function, arguments) -> {
          if (function.equals("read") && next.get() < slow) {
            came.acquire();
          }
          return oneByOne(next, function, arguments);
        },
        page -> {
          if (last.getCount() > 0) {
            threads.add(Thread.currentThread());
            Thread.sleep(1);
            came.release();
            last.countDown();
          }
        },
        pager -> {
          Thread first = Thread.ofPlatform().start(new FaultServer(pager));
          assertThat(last.await(1, TimeUnit.MINUTES)).isTrue();
          pager.stop();
          first.join();
          assertThat(threads).hasSizeBetween(1, 3);
        });
  }
}
