// SPDX-License-Identifier: Apache-2.0
package dev.memremap.devres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DevresTest {
  private final List<String> released = new ArrayList<>();
  private final DevresRelease<String> note = released::add;
  private final Devres devres = new Devres();

  private void add(String... names) {
    for (String name : names) {
      devres.add(devres.alloc(note, name));
    }
  }

  @Test
  @DisplayName("DR-1 everything is released newest first, and the list may be used by a release")
  void newestFirst() {
    add("a", "b");
    devres.addAction(() -> add("late"));
    add("c");
    assertThat(devres.releaseAll()).isEqualTo(4);
    assertThat(released).containsExactly("c", "b", "a");
    assertThat(devres.size()).isEqualTo(1);
    assertThat(devres.releaseAll()).isEqualTo(1);
    assertThat(released).endsWith("late");
    assertThat(devres.releaseAll()).isZero();
  }

  @Test
  @DisplayName("DR-1 a release that fails keeps no other from running, and is thrown at the end")
  void failingRelease() {
    add("a");
    devres.addAction(
        () -> {
          throw new IllegalStateException("older");
        });
    add("b");
    devres.addAction(
        () -> {
          throw new IllegalStateException("newer");
        });
    assertThatIllegalStateException()
        .isThrownBy(devres::releaseAll)
        .withMessage("newer")
        .satisfies(
            e ->
                assertThat(e.getSuppressed())
                    .singleElement()
                    .hasToString("java.lang.IllegalStateException: older"));
    assertThat(released).containsExactly("b", "a");
    assertThat(devres.size()).isZero();
  }

  /** Fails as often as it is told to, and says whose release it was. */
  private final class Stubborn implements DevresRelease<String> {
    private int failures = 1;

    @Override
    public void release(String name) {
      released.add(name);
      if (failures-- > 0) {
        throw new IllegalStateException(name + " is held");
      }
    }

    @Override
    public boolean isKeptOnFailure() {
      return true;
    }
  }

  @Test
  @DisplayName("DR-1 a kept record whose release failed is released again, in its old order")
  void keptRecords() {
    devres.add(devres.alloc(new Stubborn(), "older"));
    add("one");
    devres.add(devres.alloc(new Stubborn(), "newer"));
    assertThatThrownBy(devres::releaseAll)
        .hasMessage("newer is held")
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    assertThat(devres.size()).isEqualTo(2);
    add("later");
    released.clear();
    assertThat(devres.releaseAll()).isEqualTo(3);
    assertThat(released).containsExactly("later", "newer", "older");
    assertThat(devres.size()).isZero();
  }

  @Test
  @DisplayName(
      "DR-2 the newest record of a kind that matches is found, removed, destroyed or released")
  void newestMatch() {
    DevresRelease<String> other = name -> released.add("other " + name);
    add("x1", "y", "x2");
    devres.add(devres.alloc(other, "x3"));
    assertThat(devres.find(note, name -> name.startsWith("x"))).contains("x2");
    assertThat(devres.find(note, null)).contains("x2");
    assertThat(devres.size()).isEqualTo(4);
    assertThat(devres.remove(note, name -> name.startsWith("x"))).contains("x2");
    devres.release(note, name -> name.startsWith("x"));
    assertThat(released).containsExactly("x1");
    devres.destroy(note, null);
    assertThat(devres.size()).isEqualTo(1);
    assertThat(devres.remove(note, null)).isEmpty();
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> devres.release(note, null))
        .matches(e -> e.errno() == Errno.ENOENT && e.rule() == Rule.DR_2);
    assertThatExceptionOfType(MemremapException.class).isThrownBy(() -> devres.destroy(note, null));
    devres.releaseAll();
    assertThat(released).containsExactly("x1", "other x3");
  }

  @Test
  @DisplayName("DR-3 an action that cannot be registered is not run; with or-reset it is, at once")
  void actionsWithoutRoom() {
    Devres full = new Devres(0);
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> full.addAction(() -> released.add("action")))
        .matches(e -> e.errno() == Errno.ENOMEM && e.rule() == Rule.DR_3);
    assertThat(released).isEmpty();
    assertThatThrownBy(() -> full.addActionOrReset(() -> released.add("reset")))
        .isInstanceOf(MemremapException.class);
    assertThat(released).containsExactly("reset");
    devres.addActionOrReset(() -> released.add("later"));
    assertThat(released).containsExactly("reset");
  }

  @Test
  @DisplayName(
      "DR-4 the newest registration of an action is removed without running, or released by running")
  void actions() {
    Runnable action = () -> released.add("action");
    devres.addAction(action);
    add("a");
    devres.addAction(action);
    devres.removeAction(action);
    assertThat(released).isEmpty();
    devres.releaseAction(action);
    assertThat(released).containsExactly("action");
    for (Runnable call :
        List.<Runnable>of(() -> devres.removeAction(action), () -> devres.releaseAction(action))) {
      assertThatExceptionOfType(MemremapException.class)
          .isThrownBy(call::run)
          .matches(e -> e.rule() == Rule.DR_4);
    }
    assertThat(released).containsExactly("action");
  }

  @Test
  @DisplayName("DR-5 a group is released newest first, with the groups that lie in it whole")
  void groups() {
    add("before");
    Object outer = devres.openGroup("outer");
    add("a");
    Object inner = devres.openGroup(null);
    add("b");
    devres.closeGroup(null);
    add("c");
    devres.closeGroup(outer);
    add("after");
    assertThat(devres.releaseGroup(outer)).isEqualTo(3);
    assertThat(released).containsExactly("c", "b", "a");
    assertThat(devres.size()).isEqualTo(2);
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> devres.releaseGroup(inner))
        .matches(e -> e.rule() == Rule.DR_5);
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> devres.closeGroup(null))
        .withMessageContaining("no open group");
  }

  @Test
  @DisplayName(
      "DR-5 a group that is still open reaches to the end of the list; removing one keeps what lies in it")
  void openGroups() {
    devres.openGroup("open");
    add("a", "b");
    assertThat(devres.releaseGroup(null)).isEqualTo(2);
    devres.openGroup("kept");
    add("c");
    devres.removeGroup("kept");
    assertThat(devres.size()).isEqualTo(1);
    assertThatExceptionOfType(MemremapException.class).isThrownBy(() -> devres.closeGroup("kept"));
    devres.releaseAll();
    assertThat(released).containsExactly("b", "a", "c");
  }

  @Test
  @DisplayName("DR-5 of two groups that overlap, the one that only ends inside keeps its markers")
  void overlappingGroups() {
    Object first = devres.openGroup("first");
    add("a");
    Object second = devres.openGroup("second");
    add("b");
    devres.closeGroup(first);
    add("c");
    devres.closeGroup(second);
    assertThat(devres.releaseGroup(first)).isEqualTo(2);
    assertThat(released).containsExactly("b", "a");
    assertThat(devres.releaseGroup(second)).isEqualTo(1);
    assertThat(released).endsWith("c");
  }

  @Test
  @DisplayName("DR-6 a record that is on a list is neither freed nor added again")
  void freeOfAListedRecord() {
    DevresRecord<String> listed = devres.alloc(note, "a");
    devres.free(listed);
    devres.add(listed);
    assertThatIllegalStateException()
        .isThrownBy(() -> devres.free(listed))
        .withMessageContaining("DR-6");
    assertThatIllegalStateException().isThrownBy(() -> devres.add(listed));
    devres.releaseAll();
    devres.free(listed);
    assertThat(released).containsExactly("a");
  }

  @Test
  @DisplayName("DR-7 what was registered before a resource is released after it")
  void orderOfADriver() {
    devres.addAction(() -> released.add("exit"));
    add("map");
    devres.addAction(() -> released.add("kill"));
    devres.releaseAll();
    assertThat(released).containsExactly("kill", "map", "exit");
  }

  @Test
  @DisplayName(
      "DR-2 a match that is replaced while it is looked for: the one in its place is found")
  void replacedMeanwhile() {
    add("wanted", "other");
    boolean[] replaced = {false};
    assertThat(
            devres.remove(
                note,
                name -> {
                  if (!name.startsWith("wanted")) {
                    return false;
                  }
                  if (!replaced[0]) {
                    // what another thread may do now: at no moment is there no match
                    replaced[0] = true;
                    add("wanted too");
                    devres.destroy(note, name::equals);
                  }
                  return true;
                }))
        .contains("wanted too");
    assertThat(devres.size()).isEqualTo(1);
  }

  @Test
  @DisplayName("DR-2 a record is taken by one of two searches that find it, and stays where found")
  void takenMeanwhile() {
    add("older", "newer");
    assertThat(
            devres.remove(
                note, name -> name.equals("older") || devres.remove(note, name::equals).isEmpty()))
        .contains("older");
    assertThat(devres.size()).isZero();
    add("kept");
    assertThat(devres.find(note, name -> true)).contains("kept");
    assertThat(devres.size()).isEqualTo(1);
  }

  @Test
  @DisplayName(
      "DR-5 a group that is replaced while it is looked for: the one in its place is taken")
  void groupReplacedMeanwhile() {
    AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
    Object name =
        new Object() {
          @Override
          public boolean equals(Object other) {
            meanwhile.getAndSet(() -> {}).run();
            return other == this || "g".equals(other);
          }

          @Override
          public int hashCode() {
            return "g".hashCode();
          }
        };
    devres.openGroup(name);
    // what another thread may do now: at no moment is there no group of this name
    meanwhile.set(
        () -> {
          devres.openGroup("g");
          devres.removeGroup(name);
        });
    devres.closeGroup("g");
    assertThatExceptionOfType(MemremapException.class)
        .as("the one left is closed")
        .isThrownBy(() -> devres.closeGroup(null));
    assertThat(devres.releaseGroup("g")).isZero();
  }

  @Test
  @DisplayName("threads add and release at once: every resource is released exactly once")
  void threads() throws InterruptedException {
    var once = new ConcurrentLinkedQueue<Integer>();
    DevresRelease<Integer> count = once::add;
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      int from = t * 5000;
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = from; i < from + 5000; i++) {
                      devres.add(devres.alloc(count, i));
                      if (i % 100 == 0) {
                        devres.releaseAll();
                      }
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    devres.releaseAll();
    assertThat(once).hasSize(20_000).doesNotHaveDuplicates();
    assertThat(devres.size()).isZero();
  }

  @Test
  @DisplayName("DR-3 an action that a release took while its owner was told runs once")
  void takenWhileTold() {
    Devres[] told = new Devres[1];
    told[0] =
        new Devres(
            Integer.MAX_VALUE,
            () -> {
              told[0].releaseAll();
              throw new IllegalStateException("the owner takes nothing");
            });
    told[0].addActionOrReset(() -> released.add("action"));
    assertThat(released).containsExactly("action");
    assertThat(told[0].size()).isZero();
  }

  @Test
  @DisplayName("DR-3 an action whose owner cannot be told is not added, and is reset at once")
  void notTold() {
    Devres refusing =
        new Devres(
            Integer.MAX_VALUE,
            () -> {
              throw new IllegalStateException("the owner takes nothing");
            });
    assertThatIllegalStateException()
        .isThrownBy(() -> refusing.addActionOrReset(() -> released.add("reset")))
        .withMessage("the owner takes nothing");
    assertThat(released).containsExactly("reset");
    assertThat(refusing.size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 9, 10, 15})
  @DisplayName("DR-3 what was allocated is added without room in the heap")
  void addAllocatesNothing(int listed) {
    addedBytes(listed);
    assertThat(addedBytes(listed)).isZero();
  }

  /** How many bytes an addition to so many takes. */
  private long addedBytes(int listed) {
    Devres fresh = new Devres();
    for (int i = 0; i < listed; i++) {
      fresh.add(fresh.alloc(note, "listed"));
    }
    DevresRecord<String> next = fresh.alloc(note, "next");
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    fresh.add(next);
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
