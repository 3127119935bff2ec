// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import dev.memremap.MachineDescription;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import dev.memremap.windows.Race;
import dev.memremap.windows.Windows;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each operation on a page map and its pages, interrupted before each of its steps by each other
 * one: what both answer, and what becomes of the map, is what one of the two orders gives.
 */
class PagemapWindowsTest {
  private static final Set<String> STEPPED =
      Set.of(
          "DevPagemap",
          "Memmap",
          "MemoryFailures",
          "Page",
          "PageWord",
          "PagemapLife",
          "PagemapTable",
          "Pagemaps");

  private static final Windows WINDOWS =
      Windows.in(name -> STEPPED.contains(name.replace("dev.memremap.page.", "")));

  /** The operations, and what each answers. */
  enum Operation {
    LOOKUP(subject -> subject.machine.getDevPagemap(subject.pfn(), null) != null),
    LOOKUP_BEYOND(
        subject -> subject.machine.getDevPagemap(subject.range.lastPfn() + 1, null) != null),
    PUT_MAP(subject -> subject.done(subject.map::put)),
    TRY_GET(subject -> subject.view.tryGet()),
    PUT(subject -> subject.done(subject.view::put)),
    HAND_OUT(subject -> subject.done(subject.view::zoneDeviceInit)),
    POISON(subject -> subject.done(() -> subject.view.poisoned(true))),
    FAIL(subject -> subject.machine.memoryFailure(subject.pfn(), 1, 0).poisoned()),
    MAP_AGAIN(subject -> subject.done(() -> subject.machine.memremapPages(subject.map))),
    MAP_OVER(subject -> subject.done(() -> subject.machine.memremapPages(subject.over))),
    UNMAP(subject -> subject.done(() -> subject.machine.memunmapPages(subject.map, Duration.ZERO)));

    private final Function<Subject, Object> step;

    Operation(Function<Subject, Object> step) {
      this.step = step;
    }

    String on(Subject subject) {
      try {
        return step.apply(subject).toString();
      } catch (IllegalStateException refused) {
        return "refused";
      } catch (MemremapException refused) {
        return refused.errno().name();
      }
    }
  }

  /** A map whose page is held once, and which is held by one lookup. */
  static final class Subject {
    private static final Machine MACHINES =
        Machine.simulated(
            MachineDescription.parse("# phys-bits=46\n00001000-3fffffff : System RAM\n"));
    private static final AtomicInteger NEXT = new AtomicInteger();

    private final Machine machine = MACHINES;
    private final AtomicInteger freed = new AtomicInteger();
    private final PhysRange range =
        PhysRange.of((1L << 40) + NEXT.getAndIncrement() * (8L << 20), 2L << 20);
    private final DevPagemap map = made(range, "map");
    private final DevPagemap over =
        made(PhysRange.of(range.start(), range.sizeBytes() * 2), "another map over it");
    private final Page view;

    Subject() {
      machine.memremapPages(map);
      machine.getDevPagemap(pfn(), null);
      view = machine.pfnToPage(pfn());
      view.get();
    }

    private DevPagemap made(PhysRange where, String name) {
      return DevPagemap.over(where)
          .type(MemoryType.GENERIC)
          .name(name)
          .ops(PagemapOps.none().withPageFree(page -> freed.incrementAndGet()))
          .build();
    }

    private long pfn() {
      return range.firstPfn() + 77;
    }

    private String done(Runnable step) {
      step.run();
      return "ok";
    }

    /** What can be seen now, and once all that is held was put. */
    String state() {
      return "%s; %s; freed %d; in the end %s".formatted(seen(), seen(over), freed.get(), end());
    }

    private String seen() {
      @Nullable Page page = machine.page(pfn());
      return "%s, page %s"
          .formatted(
              seen(map),
              page == null
                  ? "none"
                  : "counts %d%s".formatted(page.refCount(), page.isPoisoned() ? ", broken" : ""));
    }

    private static String seen(DevPagemap of) {
      return "%s: mapped %s, live %s, held %d"
          .formatted(of, of.isMapped(), of.isLive(), of.outsideReferences());
    }

    /** Puts everything, and tells what is left. */
    private String end() {
      for (DevPagemap each : new DevPagemap[] {map, over}) {
        if (each.isLive()) {
          try {
            machine.memunmapPages(each, Duration.ZERO);
          } catch (MemremapException held) {
            // it is put below
          }
        }
        Page page = machine.page(pfn());
        while (page != null && each.isMapped() && page.refCount() > 1) {
          page.put();
        }
        while (each.outsideReferences() > 0) {
          each.put();
        }
      }
      boolean memtypes =
          machine.memtypes().entries().stream().anyMatch(entry -> entry.range().overlaps(range));
      return "%s, %s, memory types %s".formatted(seen(), seen(over), memtypes);
    }
  }

  /** One operation, and another in each of its windows. */
  static final class TwoOperations implements Race {
    private static final Map<String, Set<String>> IN_TURN = new ConcurrentHashMap<>();
    private final String names;
    private final Operation one;
    private final Operation other;
    private final Subject subject = new Subject();
    private @Nullable String first;
    private volatile @Nullable String second;

    TwoOperations(String names) {
      this.names = names;
      String[] words = names.split(" ");
      one = Operation.valueOf(words[0]);
      other = Operation.valueOf(words[1]);
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
      Subject forward = new Subject();
      String oneFirst = one.on(forward);
      String otherSecond = other.on(forward);
      Subject backward = new Subject();
      String otherFirst = other.on(backward);
      String oneSecond = one.on(backward);
      Set<String> outcomes = new HashSet<>();
      outcomes.add("%s, %s: %s".formatted(oneFirst, otherSecond, forward.state()));
      outcomes.add("%s, %s: %s".formatted(oneSecond, otherFirst, backward.state()));
      return outcomes;
    }

    @Override
    public void close() {
      if (first == null || second == null) {
        subject.state();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("D-4, D-5 two operations at once do what one of the two orders does")
  void twoAtOnce(Operation one) throws Exception {
    int opened = 0;
    for (Operation other : Operation.values()) {
      opened += WINDOWS.openAll(TwoOperations.class, "%s %s".formatted(one, other));
    }
    assertThat(opened).isGreaterThan(50);
  }
}
