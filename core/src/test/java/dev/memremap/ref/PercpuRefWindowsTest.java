// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import static dev.memremap.ref.PercpuRefWindowsTest.Operation.ATTACH;
import static dev.memremap.ref.PercpuRefWindowsTest.Operation.DETACH;
import static dev.memremap.ref.PercpuRefWindowsTest.Operation.EXIT;
import static dev.memremap.ref.PercpuRefWindowsTest.Operation.GET;
import static dev.memremap.ref.PercpuRefWindowsTest.Operation.GET_MANY;
import static dev.memremap.ref.PercpuRefWindowsTest.Operation.KILL;
import static dev.memremap.ref.PercpuRefWindowsTest.Operation.PUT;
import static dev.memremap.ref.PercpuRefWindowsTest.Operation.PUT_ALL;
import static dev.memremap.ref.PercpuRefWindowsTest.Operation.PUT_TOO_MANY;
import static dev.memremap.ref.PercpuRefWindowsTest.Operation.REINIT;
import static dev.memremap.ref.PercpuRefWindowsTest.Operation.RESURRECT;
import static dev.memremap.ref.PercpuRefWindowsTest.Operation.TO_ATOMIC;
import static dev.memremap.ref.PercpuRefWindowsTest.Operation.TO_PERCPU;
import static dev.memremap.ref.PercpuRefWindowsTest.Operation.TRACE;
import static dev.memremap.ref.PercpuRefWindowsTest.Operation.TRY_GET;
import static dev.memremap.ref.PercpuRefWindowsTest.Operation.TRY_GET_LIVE;
import static dev.memremap.ref.PercpuRefWindowsTest.Operation.UNTRACE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.internal.ref.Dependent;
import dev.memremap.windows.Race;
import dev.memremap.windows.Windows;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each operation on a reference, interrupted before each of its steps by each other one: what both
 * answer, and what becomes of the reference, is what one of the two orders gives.
 */
class PercpuRefWindowsTest {
  private static final Windows WINDOWS =
      Windows.in(
          "PercpuRef",
          "PercpuCounts",
          "ModeCounts",
          "KillableCounts",
          "AtomicCount",
          "Drain",
          "StripedCounts",
          "ThreadCells",
          "HolderTrace");

  /** References that are held from outside at the beginning, where there are any. */
  private static final int HELD = 3;

  /** What a page map holds. */
  private static final int PAGES = 8;

  /** How the reference begins, and the operations that do something then. */
  enum Begin {
    PERCPU(
        GET,
        GET_MANY,
        TRY_GET,
        TRY_GET_LIVE,
        PUT,
        KILL,
        RESURRECT,
        TO_ATOMIC,
        TO_PERCPU,
        EXIT,
        ATTACH,
        TRACE),
    ATOMIC(GET, TRY_GET, TRY_GET_LIVE, PUT, PUT_TOO_MANY, KILL, REINIT, TO_ATOMIC, EXIT, ATTACH),
    DEAD(
        GET,
        TRY_GET,
        TRY_GET_LIVE,
        PUT,
        PUT_ALL,
        PUT_TOO_MANY,
        KILL,
        REINIT,
        RESURRECT,
        TO_PERCPU,
        EXIT,
        ATTACH),
    DRAINED(GET, TRY_GET, PUT, KILL, REINIT, RESURRECT, EXIT),
    WITH_A_MAP(GET, PUT, KILL, TO_ATOMIC, EXIT, ATTACH, DETACH),
    ATOMIC_WITH_A_MAP(GET, PUT, PUT_ALL, PUT_TOO_MANY, KILL, EXIT, ATTACH, DETACH),
    DEAD_WITH_A_MAP(GET, TRY_GET, PUT, PUT_ALL, REINIT, RESURRECT, EXIT, DETACH),
    TRACED(GET, PUT, KILL, TRACE, UNTRACE);

    private final List<Operation> operations;

    Begin(Operation... operations) {
      this.operations = List.of(operations);
    }
  }

  /** The operations, and what each answers. */
  enum Operation {
    GET(subject -> subject.ref.get()),
    GET_MANY(subject -> subject.ref.getMany(5)),
    TRY_GET(subject -> subject.answer(subject.ref.tryGet())),
    TRY_GET_LIVE(subject -> subject.answer(subject.ref.tryGetLive())),
    PUT(subject -> subject.ref.put()),
    PUT_ALL(subject -> subject.ref.putMany(HELD)),
    PUT_TOO_MANY(subject -> subject.ref.putMany(HELD + 3)),
    KILL(subject -> subject.ref.kill()),
    REINIT(subject -> subject.ref.reinit()),
    RESURRECT(subject -> subject.ref.resurrect()),
    TO_ATOMIC(subject -> subject.ref.switchToAtomic()),
    TO_PERCPU(subject -> subject.ref.switchToPercpu()),
    EXIT(subject -> subject.ref.exit()),
    ATTACH(subject -> subject.answer(subject.ref.attach(subject.second, PAGES))),
    DETACH(subject -> subject.ref.detach(subject.first, PAGES)),
    TRACE(subject -> subject.ref.trace(true)),
    UNTRACE(subject -> subject.ref.trace(false));

    private final Consumer<Subject> step;

    Operation(Consumer<Subject> step) {
      this.step = step;
    }

    String on(Subject subject) {
      subject.answered.set(null);
      try {
        step.accept(subject);
        Object answer = subject.answered.get();
        return answer == null ? "ok" : answer.toString();
      } catch (IllegalStateException refused) {
        return "refused";
      }
    }
  }

  /** What lives by the reference, and how often it was told. */
  static final class Living implements Dependent {
    private final AtomicInteger told = new AtomicInteger();

    @Override
    public void drained() {
      told.incrementAndGet();
    }
  }

  /** A reference at its beginning, and what becomes of it. */
  static final class Subject {
    private final ThreadLocal<Object> answered = new ThreadLocal<>();
    private final AtomicInteger released = new AtomicInteger();
    private final Living first = new Living();
    private final Living second = new Living();
    private final PercpuRef ref;

    Subject(Begin begin) {
      PercpuRef.Flag[] flags =
          switch (begin) {
            case WITH_A_MAP, TRACED -> new PercpuRef.Flag[0];
            case ATOMIC, ATOMIC_WITH_A_MAP -> new PercpuRef.Flag[] {PercpuRef.Flag.INIT_ATOMIC};
            default -> new PercpuRef.Flag[] {PercpuRef.Flag.ALLOW_REINIT};
          };
      ref = PercpuRef.init(released::incrementAndGet, flags);
      if (begin != Begin.DRAINED) {
        ref.getMany(HELD);
      }
      switch (begin) {
        case DEAD, DRAINED -> ref.kill();
        case WITH_A_MAP, ATOMIC_WITH_A_MAP -> ref.attach(first, PAGES);
        case DEAD_WITH_A_MAP -> {
          ref.attach(first, PAGES);
          ref.kill();
        }
        case TRACED -> ref.trace(true);
        default -> {}
      }
    }

    void answer(boolean answer) {
      answered.set(answer);
    }

    /** What can be seen now, and once all references are put. */
    String state() {
      String now =
          "%s, released %d, told %d and %d"
              .formatted(ref, released.get(), first.told.get(), second.told.get());
      return now + ", in the end " + end();
    }

    private String end() {
      try {
        if (!ref.isDying()) {
          ref.kill();
        }
      } catch (IllegalStateException putTooOften) {
        return "not killed";
      }
      for (Living map : List.of(first, second)) {
        while (isDetached(map)) {
          // it was attached more than once
        }
      }
      if (ref.references() > 0) {
        ref.putMany(ref.references());
      }
      return "released %d, told %d and %d"
          .formatted(released.get(), first.told.get(), second.told.get());
    }

    private boolean isDetached(Living map) {
      try {
        ref.detach(map, PAGES);
        return true;
      } catch (IllegalStateException notAttached) {
        return false;
      }
    }
  }

  /** One operation, and another in each of its windows. */
  static final class TwoOperations implements Race {
    private static final Map<String, Set<String>> IN_TURN = new ConcurrentHashMap<>();
    private final String names;
    private final Begin begin;
    private final Operation one;
    private final Operation other;
    private final Subject subject;
    private String first;
    private volatile String second;

    TwoOperations(String names) {
      this.names = names;
      String[] words = names.split(" ");
      begin = Begin.valueOf(words[0]);
      one = Operation.valueOf(words[1]);
      other = Operation.valueOf(words[2]);
      subject = new Subject(begin);
    }

    @Override
    public void operation() {
      first = one.on(subject);
    }

    @Override
    public void meanwhile() {
      second = other.on(subject);
    }

    @Override
    public void check() {
      String outcome = "%s, %s: %s".formatted(first, second, subject.state());
      assertThat(outcome).as(names).isIn(IN_TURN.computeIfAbsent(names, key -> inTurn()));
    }

    /** What the two orders give. */
    private Set<String> inTurn() {
      Subject forward = new Subject(begin);
      String oneFirst = one.on(forward);
      String otherSecond = other.on(forward);
      Subject backward = new Subject(begin);
      String otherFirst = other.on(backward);
      String oneSecond = one.on(backward);
      Set<String> outcomes = new HashSet<>();
      outcomes.add("%s, %s: %s".formatted(oneFirst, otherSecond, forward.state()));
      outcomes.add("%s, %s: %s".formatted(oneSecond, otherFirst, backward.state()));
      return outcomes;
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("D-5 two operations at once do what one of the two orders does")
  void twoAtOnce(Begin begin) throws Exception {
    int opened = 0;
    for (Operation one : begin.operations) {
      for (Operation other : begin.operations) {
        if (!isMisuseThatIsMissed(one, other)) {
          opened += WINDOWS.openAll(TwoOperations.class, "%s %s %s".formatted(begin, one, other));
        }
      }
    }
    assertThat(opened).isGreaterThan(300);
  }

  /** C-14: more puts than there are references are refused where that can be seen. */
  private static boolean isMisuseThatIsMissed(Operation one, Operation other) {
    return EnumSet.of(one, other).contains(Operation.PUT_TOO_MANY)
        && (EnumSet.of(one, other).contains(Operation.ATTACH)
            || EnumSet.of(one, other).contains(Operation.DETACH));
  }
}
