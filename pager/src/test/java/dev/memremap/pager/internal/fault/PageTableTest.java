// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import static dev.memremap.pager.internal.state.PageState.BUSY;
import static dev.memremap.pager.internal.state.PageState.DIRTY;
import static dev.memremap.pager.internal.state.PageState.GHOST;
import static dev.memremap.pager.internal.state.PageState.PINNED;
import static dev.memremap.pager.internal.state.PageState.POISONED;
import static dev.memremap.pager.internal.state.PageState.PRESENT;
import static dev.memremap.pager.internal.state.PageState.has;
import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.state.MadeState;
import dev.memremap.pager.internal.state.StateFile;
import dev.memremap.pager.internal.sys.Descriptor;
import dev.memremap.pager.internal.sys.FakeCalls;
import dev.memremap.pager.internal.sys.SyscallException;
import dev.memremap.pager.internal.sys.Userfault;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What each page may become, and that the figures are those of the pages. */
class PageTableTest {
  private static final int PAGES = 100;
  private static final int LIMIT = 32;
  private static final long POISON = 0xc020aa08L;
  private static final long WRITEPROTECT = 0xc018aa06L;

  private final List<Long> ioctls = new ArrayList<>();
  private final MadeState made = MadeState.of(PAGES, LIMIT);
  private final StateFile state = made.state();
  private PageTable table = table();

  private PageTable table() {
    FakeCalls calls =
        new FakeCalls(
            (name, arguments) -> {
              ioctls.add((long) arguments[1]);
              return 0;
            });
    Descriptor file = new Descriptor(calls.door(), 7, "userfaultfd");
    Userfault userfault = new Userfault(file, Userfault.Scope.USER, true);
    return new PageTable(state, new FaultedMemory(userfault, file, 1 << 20, 4096));
  }

  @AfterEach
  void close() {
    made.close();
  }

  private int bits(int page) {
    return state.page(page);
  }

  private void bring(int page, boolean dirty) {
    assertThat(table.claim(page)).isEqualTo(Claim.CLAIMED);
    table.arriving(page, dirty);
    table.arrived(page, 1);
  }

  private void countsAreRight(String when) {
    int[] counts = new int[4];
    for (int page = 0; page < PAGES; page++) {
      counts[0] += has(bits(page), PRESENT) ? 1 : 0;
      counts[1] += has(bits(page), DIRTY) ? 1 : 0;
      counts[2] += has(bits(page), PINNED) ? 1 : 0;
      counts[3] += has(bits(page), POISONED) ? 1 : 0;
      assertThat(bits(page) & (DIRTY | PRESENT)).as(when).isNotEqualTo(DIRTY);
    }
    assertThat(
            List.of(
                state.get(Counter.RESIDENT),
                state.get(Counter.DIRTY),
                state.get(Counter.PINNED),
                state.get(Counter.POISONED)))
        .as("resident, dirty, pinned, poisoned: " + when)
        .containsExactly((long) counts[0], (long) counts[1], (long) counts[2], (long) counts[3]);
    assertThat(table.room()).as(when).isEqualTo(LIMIT - counts[0]).isNotNegative();
  }

  @Test
  @DisplayName("A page is claimed by one thread, arrives, leaves, and can be claimed again")
  void life() {
    assertThat(table.claim(5)).isEqualTo(Claim.CLAIMED);
    assertThat(bits(5)).isEqualTo(PRESENT | BUSY);
    assertThat(table.claim(5)).isEqualTo(Claim.BUSY);
    assertThat(table.claimResident(5, 0, 0)).isEqualTo(Claim.BUSY);
    table.arriving(5, false);
    table.arrived(5, 1);
    assertThat(bits(5)).isEqualTo(PRESENT);
    assertThat(table.claim(5)).isEqualTo(Claim.THERE);
    assertThat(table.claimResident(5, DIRTY, 0)).isEqualTo(Claim.NO_ROOM);
    assertThat(table.claimResident(5, 0, PRESENT)).isEqualTo(Claim.NO_ROOM);
    assertThat(table.claimResident(5, 0, PINNED)).isEqualTo(Claim.CLAIMED);
    table.left(5, 1, true);
    assertThat(bits(5)).isEqualTo(GHOST);
    assertThat(state.get(Counter.EVICTED)).isEqualTo(1);
    assertThat(table.claim(5)).isEqualTo(Claim.CLAIMED);
    countsAreRight("at the end");
  }

  @Test
  @DisplayName("A fault that met a busy page is dropped, and arrived says that it has to be woken")
  void dropped() throws SyscallException {
    table.claim(1);
    table.claim(2);
    assertThat(table.arrived(1, 1)).isFalse();
    table.claim(2);
    assertThat(table.arrived(2, 1)).isTrue();
    table.claimResident(2, 0, 0);
    table.stay(2, 1, true, false);
    table.claimResident(2, 0, 0);
    assertThat(table.arrived(2, 1)).as("it was woken once").isFalse();

    table.claim(3);
    assertThat(table.written(3)).as("a write that met it busy").isTrue();
    assertThat(bits(3)).isEqualTo(PRESENT | BUSY);
    assertThat(ioctls).as("it is let pass by nothing").isEmpty();
    assertThat(table.arrived(3, 1)).isTrue();

    table.claim(4);
    table.claim(5);
    table.claim(6);
    table.claim(5);
    assertThat(table.arrived(4, 3)).as("one of several").isTrue();
  }

  @Test
  @DisplayName("A write marks its page as dirty, and lets the write pass; an absent page is woken")
  void written() throws SyscallException {
    assertThat(table.written(9)).isFalse();
    bring(9, false);
    assertThat(table.written(9)).isTrue();
    assertThat(bits(9) & (DIRTY | BUSY)).isEqualTo(DIRTY);
    assertThat(ioctls).containsExactly(WRITEPROTECT);
    table.written(9);
    countsAreRight("written twice");
    assertThat(table.dirty()).containsExactly(9);
    table.claimResident(9, DIRTY, 0);
    assertThat(table.dirty()).as("busy ones are dirty, too").containsExactly(9);
    table.stay(9, 1, true, false);
    assertThat(table.dirty()).isEmpty();
    countsAreRight("flushed");
  }

  @Test
  @DisplayName("A page that is chosen to leave is still dirty until it has left")
  void chosenIsDirty() {
    bring(9, true);
    int[] chosen = new int[4];

    assertThat(table.choose(chosen, 4, false, page -> false)).isEqualTo(1);

    assertThat(table.dirty()).containsExactly(9);
    table.left(9, 1, true);
    assertThat(table.dirty()).isEmpty();
  }

  @Test
  @DisplayName("A run stops at the first page that is not absent, at the room, and at the end")
  void runs() throws SyscallException {
    bring(7, false);
    assertThat(table.claimRun(4, 10)).isEqualTo(3);
    assertThat(table.claimRun(7, 10)).isZero();
    assertThat(table.claimRun(PAGES - 2, Integer.MAX_VALUE)).isEqualTo(2);
    assertThat(table.claimRun(40, 100)).isEqualTo(LIMIT - 6);
    assertThat(table.claim(90)).isEqualTo(Claim.NO_ROOM);
    countsAreRight("full");
    table.gone(40, LIMIT - 6);
    assertThat(bits(40)).as("what never came is not remembered").isZero();
    assertThat(table.setAside(42)).isTrue();
    assertThat(table.claimRun(40, 10)).isEqualTo(2);
    countsAreRight("at the end");
  }

  @Test
  @DisplayName("A page in an outage takes no room, is poisoned, and healed when it comes")
  void outage() throws SyscallException {
    table.claim(3);
    table.outage(3);
    assertThat(bits(3)).isEqualTo(BUSY);
    assertThat(table.room()).isEqualTo(LIMIT);
    table.poison(3, () -> true);
    table.poison(3, () -> true);
    assertThat(bits(3)).isEqualTo(BUSY | POISONED);
    assertThat(ioctls).containsExactly(WRITEPROTECT, POISON);
    countsAreRight("poisoned");
    assertThat(table.setAside(3)).isFalse();
    assertThat(table.resume(3)).isTrue();
    assertThat(bits(3)).isEqualTo(BUSY | POISONED | PRESENT);
    table.outage(3);
    assertThat(bits(3)).as("still not answered").isEqualTo(BUSY | POISONED);
    table.resume(3);
    table.arrived(3, 1);
    assertThat(bits(3)).isEqualTo(PRESENT);
    assertThat(state.get(Counter.HEALED)).isEqualTo(1);
    assertThat(state.get(Counter.POISONED_EVER)).isEqualTo(1);
    countsAreRight("healed");
    table.poison(3, () -> true);
    assertThat(bits(3)).as("in memory by now").isEqualTo(PRESENT);
  }

  @Test
  @DisplayName("Of pages that are given up, those that were poisoned are told, and stay busy")
  void givenUp() throws SyscallException {
    assertThat(table.claimRun(3, 4)).isEqualTo(4);
    table.poison(5, () -> true);
    assertThat(table.gone(3, 4)).containsExactly(5);
    assertThat(bits(3)).isZero();
    assertThat(bits(5)).isEqualTo(BUSY | POISONED);
    countsAreRight("one is poisoned");
    table.resume(5);
    table.arrived(5, 1);
    assertThat(bits(5)).isEqualTo(PRESENT);
    countsAreRight("healed");
  }

  @Test
  @DisplayName("A page that is busy with leaving, and no longer with coming, is not poisoned")
  void leaving() throws SyscallException {
    bring(7, false);
    assertThat(table.claimResident(7, 0, 0)).isEqualTo(Claim.CLAIMED);
    table.poison(7, () -> false);
    assertThat(bits(7)).isEqualTo(PRESENT | BUSY);
    countsAreRight("leaving");
  }

  @Test
  @DisplayName("A page that was written to is passed over where its node does not take it")
  void passedOver() throws SyscallException {
    bring(7, true);
    bring(8, false);
    bring(9, true);
    int[] chosen = new int[8];
    assertThat(table.choose(chosen, 8, false, page -> page != 9)).isEqualTo(2);
    assertThat(chosen).startsWith(8, 9);
    assertThat(bits(7)).isEqualTo(PRESENT | DIRTY);
    table.stay(8, 2, false, true);
    assertThat(table.choose(chosen, 8, false, page -> false)).isEqualTo(3);
  }

  @Test
  @DisplayName("Without room a page in an outage waits on")
  void noRoom() {
    table.claim(99);
    table.outage(99);
    table.claimRun(0, LIMIT);
    assertThat(table.resume(99)).isFalse();
    assertThat(bits(99)).isEqualTo(BUSY);
    table.left(0, 1, false);
    assertThat(table.resume(99)).isTrue();
  }

  @Test
  @DisplayName("A pinned page is not chosen, and pinned twice is counted once")
  void pins() {
    bring(1, false);
    bring(2, false);
    table.pinned(1, true);
    table.pinned(1, true);
    countsAreRight("pinned twice");
    int[] chosen = new int[4];
    assertThat(table.choose(chosen, 4, false, page -> false)).isEqualTo(1);
    assertThat(chosen[0]).isEqualTo(2);
    table.pinned(1, false);
    table.pinned(1, false);
    assertThat(table.choose(chosen, 4, false, page -> false)).isEqualTo(1);
    assertThat(chosen[0]).isEqualTo(1);
    countsAreRight("at the end");
  }

  @Test
  @DisplayName("A page that is pinned while its fault says that it is dirty is pinned and dirty")
  void pinsWhileArriving() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    table.claim(1);
    Thread arriving =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!over.get()) {
                    table.arriving(1, true);
                  }
                });
    int lost = 0;
    for (int i = 0; i < 2_000_000 && lost == 0; i++) {
      table.pinned(1, true);
      lost += has(bits(1), PINNED) ? 0 : 1;
      table.pinned(1, false);
      lost += has(bits(1), PINNED) ? 1 : 0;
    }
    over.set(true);
    arriving.join();
    assertThat(lost).as("pins that were lost, or came back").isZero();
  }

  @Test
  @DisplayName("What another worker left is taken over: memory's word counts, and silence is dirt")
  void takesOver() {
    state.page(1, PRESENT | BUSY);
    state.page(2, PRESENT | DIRTY | PINNED);
    state.page(3, PRESENT | DIRTY | GHOST);
    state.page(4, POISONED | BUSY);
    state.page(5, POISONED | BUSY);
    table.adopt(1, true);
    table.adopt(2, true);
    table.adopt(3, false);
    table.adopt(4, true);
    table.adopt(5, false);
    table.adopt(6, true);
    table.adopted(3, 1, 1);

    assertThat(bits(1)).isEqualTo(PRESENT);
    assertThat(bits(2)).isEqualTo(PRESENT | DIRTY | PINNED);
    assertThat(bits(3)).isZero();
    assertThat(bits(4)).as("in memory, and nothing was said of it").isEqualTo(PRESENT | DIRTY);
    assertThat(bits(5)).isEqualTo(POISONED);
    assertThat(bits(6)).isEqualTo(PRESENT | DIRTY);
    assertThat(table.claim(5)).isEqualTo(Claim.POISONED);
    assertThat(table.dirty()).containsExactly(2, 4, 6);
    countsAreRight("taken over");
  }

  @Test
  @DisplayName("Whoever waits for a page goes on when it is let go")
  void waits() throws Exception {
    table.claim(1);
    Thread other =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (true) {
                    Thread.State is = waiter.getState();
                    if (is == Thread.State.TIMED_WAITING) {
                      table.arrived(1, 1);
                      return;
                    }
                    Thread.onSpinWait();
                  }
                });
    assertThat(table.awaitIdle(1, 3_600_000)).isEqualTo(PRESENT);
    other.join();
    table.claimResident(1, 0, 0);
    assertThat(has(table.awaitIdle(1, 1), BUSY)).as("in vain").isTrue();
  }

  private final Thread waiter = Thread.currentThread();

  @Test
  @DisplayName("After any history of steps the figures are those of the pages")
  void histories() throws SyscallException {
    for (long seed = 1; seed <= 60; seed++) {
      history(seed);
    }
  }

  /** Steps that threads of a pager make, each page's in their order. */
  private void history(long seed) throws SyscallException {
    for (int page = 0; page < PAGES; page++) {
      state.page(page, 0);
    }
    for (Counter counter : Counter.values()) {
      state.set(counter, 0);
    }
    table = table();
    Random random = new Random(seed);
    List<Integer> claimed = new ArrayList<>();
    List<Integer> chosen = new ArrayList<>();
    List<Integer> resident = new ArrayList<>();
    List<Integer> outages = new ArrayList<>();
    int[] into = new int[8];
    for (int step = 0; step < 2_000; step++) {
      int page = random.nextInt(PAGES);
      switch (random.nextInt(14)) {
        case 0, 1 -> {
          if (table.claim(page) == Claim.CLAIMED) {
            claimed.add(page);
          }
        }
        case 2 -> {
          int run = table.claimRun(page, 1 + random.nextInt(6));
          for (int i = 0; i < run; i++) {
            claimed.add(page + i);
          }
        }
        case 3, 4 -> {
          if (!claimed.isEmpty()) {
            int one = claimed.remove(random.nextInt(claimed.size()));
            table.arriving(one, random.nextBoolean());
            table.arrived(one, 1);
          }
        }
        case 5 -> {
          if (!claimed.isEmpty()) {
            int one = claimed.remove(random.nextInt(claimed.size()));
            if (has(bits(one), POISONED)) {
              table.outage(one);
              outages.add(one);
            } else if (random.nextBoolean()) {
              table.gone(one, 1);
            } else {
              table.outage(one);
              outages.add(one);
            }
          }
        }
        case 6 -> {
          if (!outages.isEmpty()) {
            table.poison(outages.get(random.nextInt(outages.size())), () -> true);
          }
        }
        case 7 -> {
          if (!outages.isEmpty() && table.resume(outages.getLast())) {
            claimed.add(outages.removeLast());
          }
        }
        case 8 -> table.written(page);
        case 9 -> {
          int count = table.choose(into, 1 + random.nextInt(8), random.nextBoolean(), any -> false);
          for (int i = 0; i < count; i++) {
            assertThat(bits(into[i]) & PINNED).as("seed %d", seed).isZero();
            chosen.add(into[i]);
          }
        }
        case 10 -> {
          if (!chosen.isEmpty()) {
            int one = chosen.remove(random.nextInt(chosen.size()));
            if (random.nextBoolean()) {
              table.left(one, 1, true);
            } else {
              table.stay(one, 1, random.nextBoolean(), true);
            }
          }
        }
        case 11 -> {
          if (table.claimResident(page, 0, PINNED) == Claim.CLAIMED) {
            resident.add(page);
          }
        }
        case 12 -> {
          if (!resident.isEmpty()) {
            int one = resident.remove(random.nextInt(resident.size()));
            if (random.nextBoolean()) {
              table.left(one, 1, false);
            } else {
              table.stay(one, 1, random.nextBoolean(), false);
            }
          }
        }
        default -> {
          if (random.nextInt(6) == 0 && table.setAside(page)) {
            outages.add(page);
          } else {
            table.pinned(page, random.nextBoolean());
          }
        }
      }
      countsAreRight("seed %d, step %d".formatted(seed, step));
    }
    List<Integer> dirty = new ArrayList<>();
    for (int page = 0; page < PAGES; page++) {
      if (has(bits(page), DIRTY)) {
        dirty.add(page);
      }
    }
    assertThat(table.dirty())
        .as("seed %d", seed)
        .containsExactly(dirty.stream().mapToInt(page -> page).toArray());
  }
}
