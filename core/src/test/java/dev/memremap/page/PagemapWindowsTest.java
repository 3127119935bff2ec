// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.machine.MachineDescription;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import dev.memremap.windows.Race;
import dev.memremap.windows.Windows;
import java.time.Duration;
import java.util.EnumSet;
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
  private static final Windows WINDOWS =
      Windows.in(
          "AddressSpace",
          "DevPagemap",
          "MappedRegion",
          "Memmap",
          "MemoryFailures",
          "Page",
          "PageMappings",
          "PageWord",
          "PagemapLife",
          "PagemapTable",
          "Pagemaps",
          "Remapper");

  /** How the map begins, and the operations that there are then. */
  enum Begin {
    /** It is mapped, its page is held once, and it is held by one lookup. */
    HELD(EnumSet.allOf(Operation.class)),
    /** It is not mapped. */
    UNMAPPED(
        EnumSet.of(
            Operation.LOOKUP,
            Operation.USE,
            Operation.FAIL,
            Operation.BOTH_RANGES,
            Operation.MEMREMAP,
            Operation.MAP_AGAIN,
            Operation.MAP_OVER,
            Operation.MAP_BESIDE,
            Operation.UNMAP)),
    /**
     * It was unmapped, and one lookup holds it still; a put would free the page in several steps.
     */
    DRAINING(EnumSet.complementOf(EnumSet.of(Operation.LOOKUP_BEYOND, Operation.PUT)));

    private final Set<Operation> operations;

    Begin(Set<Operation> operations) {
      this.operations = operations;
    }
  }

  /** The operations, and what each answers. */
  enum Operation {
    LOOKUP(subject -> subject.machine.getDevPagemap(subject.pfn(), null) != null),
    LOOKUP_BEYOND(
        subject -> subject.machine.getDevPagemap(subject.range.lastPfn(4096) + 1, null) != null),
    /** What a reader does: finds the map, looks at its memory and at a page, and puts it. */
    USE(
        subject -> {
          DevPagemap found = subject.machine.getDevPagemap(subject.pfn(), null);
          if (found == null) {
            return "not found";
          }
          boolean whole =
              found.state() != DevPagemap.State.UNMAPPED
                  && found.segment().byteSize() > 0
                  && found.pfnValid(subject.pfn())
                  && subject.machine.pfnToPage(subject.pfn()).pgmap() == found;
          found.put();
          return whole;
        }),
    /** Two looks; so it comes in between, and is not interrupted. */
    BOTH_RANGES(
        subject ->
            "%s %s"
                .formatted(
                    subject.machine.page(subject.pfn()) != null,
                    subject.machine.page(subject.further.firstPfn(4096)) != null)),
    MEMREMAP(
        subject -> {
          Mapping made = subject.machine.memremap(subject.range, MemremapFlag.WC);
          subject.mapping = made;
          return made.cacheMode();
        }),
    PUT_MAP(subject -> subject.done(subject.map::put)),
    TRY_GET(subject -> subject.view.tryGet()),
    PUT(subject -> subject.done(subject.view::put)),
    HAND_OUT(subject -> subject.done(subject.view::zoneDeviceInit)),
    POISON(subject -> subject.done(() -> subject.view.poisoned(true))),
    MAP_PAGE(
        subject -> subject.done(() -> subject.view.mapping(PageMapping.daxFile("/mnt/pmem/file")))),
    FAIL(subject -> subject.machine.memoryFailure(subject.pfn(), 1, 0).poisoned()),
    MAP_AGAIN(subject -> subject.done(() -> subject.machine.memremapPages(subject.map))),
    MAP_OVER(subject -> subject.done(() -> subject.machine.memremapPages(subject.over))),
    MAP_BESIDE(subject -> subject.done(() -> subject.machine.memremapPages(subject.beside))),
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

  /** A map at its beginning, and what becomes of it. */
  static final class Subject {
    private static final Machine MACHINES =
        Machine.simulated(
            MachineDescription.parse("# phys-bits=46\n00001000-3fffffff : System RAM\n"));
    private static final AtomicInteger NEXT = new AtomicInteger();

    private final Machine machine = MACHINES;
    private final AtomicInteger freed = new AtomicInteger();
    private final PhysRange range =
        PhysRange.of((1L << 40) + NEXT.getAndIncrement() * (8L << 20), 2L << 20);
    private final PhysRange further = PhysRange.of(range.start() + (6L << 20), 2L << 20);
    private final DevPagemap map = made("map", range, further);
    private final DevPagemap over =
        made("another map over it", PhysRange.of(range.start(), range.sizeBytes() * 2));
    private final DevPagemap beside =
        made("a map beside it", PhysRange.of(range.start() + (4L << 20), 2L << 20));
    private volatile @Nullable Mapping mapping;
    private final Page view;

    Subject(Begin begin) {
      machine.memremapPages(map);
      view = machine.pfnToPage(pfn());
      if (begin == Begin.HELD) {
        view.mapping(PageMapping.deviceDax("/dev/dax0.0"));
      }
      if (begin == Begin.UNMAPPED) {
        machine.memunmapPages(map);
        return;
      }
      machine.getDevPagemap(pfn(), null);
      if (begin == Begin.HELD) {
        view.get();
      } else {
        assertThatExceptionOfType(MemremapException.class)
            .isThrownBy(() -> machine.memunmapPages(map, Duration.ZERO));
      }
    }

    private DevPagemap made(String name, PhysRange... ranges) {
      return DevPagemap.over(ranges)
          .type(MemoryType.GENERIC)
          .name(name)
          .ops(PagemapOps.none().withPageFree(page -> freed.incrementAndGet()))
          .build();
    }

    private long pfn() {
      return range.firstPfn(4096) + 77;
    }

    private String done(Runnable step) {
      step.run();
      return "ok";
    }

    /** What can be seen now, and once all that is held was put. */
    String state() {
      return "%s; %s; %s, found %s; freed %d; in the end %s"
          .formatted(
              seen(),
              seen(over),
              seen(beside),
              machine.page(beside.range().firstPfn(4096)) != null,
              freed.get(),
              end());
    }

    private String seen() {
      @Nullable Page page = machine.page(pfn());
      return "%s, page %s"
          .formatted(
              seen(map),
              page == null
                  ? "none"
                  : "counts %d%s%s"
                      .formatted(
                          page.refCount(),
                          page.isPoisoned() ? ", broken" : "",
                          page.mapping() == null ? "" : ", mapped"));
    }

    private static String seen(DevPagemap of) {
      return "%s: mapped %s, live %s, held %d, %s"
          .formatted(
              of,
              of.state() != DevPagemap.State.UNMAPPED,
              of.state() == DevPagemap.State.LIVE,
              of.outsideReferences(),
              of.state() != DevPagemap.State.UNMAPPED ? of.cacheMode() : "no mode");
    }

    /** Puts everything, and tells what is left. */
    private String end() {
      Mapping made = mapping;
      if (made != null) {
        made.close();
      }
      for (DevPagemap each : new DevPagemap[] {map, over, beside}) {
        if (each.state() == DevPagemap.State.LIVE) {
          try {
            machine.memunmapPages(each, Duration.ZERO);
          } catch (MemremapException held) {
            // it is put below
          }
        }
        Page page = machine.page(each.range().firstPfn(4096) + 77);
        while (page != null && each.state() != DevPagemap.State.UNMAPPED && page.refCount() > 1) {
          page.put();
        }
        while (each.outsideReferences() > 0) {
          each.put();
        }
      }
      boolean memtypes =
          machine.memtypes().entries().stream().anyMatch(entry -> entry.range().overlaps(range));
      return "%s, %s, %s, memory types %s".formatted(seen(), seen(over), seen(beside), memtypes);
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
    private @Nullable String first;
    private volatile @Nullable String second;

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
  void twoAtOnce(Begin begin) throws Exception {
    int opened = 0;
    for (Operation one : begin.operations) {
      if (one == Operation.BOTH_RANGES) {
        continue;
      }
      for (Operation other : begin.operations) {
        opened += WINDOWS.openAll(TwoOperations.class, "%s %s %s".formatted(begin, one, other));
      }
    }
    assertThat(opened).isGreaterThan(500);
  }
}
