// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import static dev.memremap.internal.pages.PagemapAccess.access;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Many lives of a page, whose numbers are neighbours in every bit, are told apart. */
class PageLivesTest {
  private static final int BITS = PageWord.LIFE_BITS;
  private static final int ALL_ONES = (1 << BITS) - 1;
  private static final PhysRange RANGE = PhysRange.of((1L << 40) + (2L << 20), 2L << 20);
  private static final long PFN = RANGE.firstPfn(4096) + 77;

  private final Machine machine =
      Machine.simulated(
          MachineDescription.parse("# phys-bits=46\n00001000-3fffffff : System RAM\n"));
  private final DevPagemap map = DevPagemap.over(RANGE).type(MemoryType.GENERIC).build();

  @AfterEach
  void close() {
    machine.close();
  }

  /** Maps as the life with this number. */
  private void begin(DevPagemap pages, int life) {
    PagemapLife.Home home = access().home(pages);
    if (home == null) {
      // the first mapping tells where it is mapped
      machine.memremapPages(pages);
      machine.memunmapPages(pages);
      home = Objects.requireNonNull(access().home(pages));
    }
    home.vmemmap().lives.set(life - 1);
    machine.memremapPages(pages);
  }

  static Stream<Arguments> neighbours() {
    return IntStream.range(0, BITS)
        .boxed()
        .flatMap(
            bit ->
                Stream.of(0, ALL_ONES, 0x15555555, 0x2aaaaaaa)
                    .map(life -> Arguments.of(life, life ^ 1 << bit)));
  }

  /** Counts a fresh page up. */
  private static void count(
      PageWord word, MemorySegment memory, int life, int freshCount, int count) {
    if (freshCount == 0) {
      assertThat(PageWord.handOut(memory, 8, PageWord.fresh(life), 0, 0)).isTrue();
    }
    while (word.count() < count) {
      assertThat(word.getUnlessZero()).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("neighbours")
  @DisplayName("D-5 a word of one life reads as fresh in another, and is not changed there")
  void wordsOfNeighbours(int life, int other) {
    for (int freshCount : new int[] {0, 1}) {
      MemorySegment memory = MemorySegment.ofArray(new long[3]);
      PageWord own = new PageWord(memory, 8, PageWord.fresh(life), freshCount, freshCount);
      memory.set(ValueLayout.JAVA_LONG, 8, PageWord.fresh(life));
      count(own, memory, life, freshCount, 5);
      own.flag(PageWord.POISONED, true);
      own.flag(PageWord.NOT_RESERVED, true);
      long word = memory.get(ValueLayout.JAVA_LONG, 8);

      PageWord stale = new PageWord(memory, 8, PageWord.fresh(other), freshCount, freshCount);
      assertThat(stale.count()).isEqualTo(freshCount);
      assertThat(stale.has(PageWord.POISONED)).isFalse();
      assertThat(stale.has(PageWord.NOT_RESERVED)).isFalse();
      assertThat(stale.putAnother()).isFalse();
      assertThat(stale.getUnlessZero()).isFalse();
      assertThat(stale.put()).isEqualTo(PageWord.NOT_PUT);
      assertThat(PageWord.handOut(memory, 8, PageWord.fresh(other), freshCount, 3)).isFalse();
      assertThat(PageWord.makeTail(memory, 8, PageWord.fresh(other), 3)).isFalse();
      assertThat(PageWord.freeze(memory, 8, PageWord.fresh(other), 0)).isFalse();
      stale.flag(PageWord.POISONED, false);
      assertThat(memory.get(ValueLayout.JAVA_LONG, 8)).isEqualTo(word);
      assertThat(memory.get(ValueLayout.JAVA_LONG, 0)).isZero();
      assertThat(memory.get(ValueLayout.JAVA_LONG, 16)).isZero();

      assertThat(own.count()).isEqualTo(5);
      assertThat(own.putAnother()).isTrue();
      assertThat(own.has(PageWord.POISONED)).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("neighbours")
  @DisplayName("D-5 what is left of one life changes nothing in the next")
  void neighboursOfAMap(int life, int other) {
    begin(map, life);
    Leftover left = new Leftover();
    machine.memunmapPages(map);
    begin(map, other);
    left.assertChangesNothing("life %x in life %x".formatted(life, other));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 0x1fff_fffe, ALL_ONES - 3, Integer.MAX_VALUE - 2, -4})
  @DisplayName("D-5 what is left of each earlier life changes nothing in any later one")
  void manyLives(int first) {
    List<Leftover> earlier = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      begin(map, first + i);
      for (int e = 0; e < earlier.size(); e++) {
        earlier.get(e).assertChangesNothing("life %d in life %d".formatted(e, i));
      }
      earlier.add(new Leftover());
      machine.memunmapPages(map);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 0x15555, ALL_ONES})
  @DisplayName("D-5 a view shows and changes nothing of the life that has its number again")
  void sameNumberAgain(int life) {
    begin(map, life);
    Page used = machine.pfnToPage(PFN);
    used.get();
    used.zoneDeviceData(3);
    used.put();
    machine.memunmapPages(map);
    begin(map, life);
    Page page = machine.pfnToPage(PFN);
    page.get();
    page.get();
    page.poisoned(true);
    page.reserved(false);
    page.zoneDeviceData(4711);

    assertThat(used.refCount()).as("as of a fresh page").isOne();
    assertThat(used.isPoisoned()).isFalse();
    assertThat(used.isReserved()).isTrue();
    assertThat(used.zoneDeviceData()).isZero();
    assertThat(used.tryGet()).isFalse();
    assertThatIllegalStateException().isThrownBy(used::put);
    assertThatIllegalStateException().isThrownBy(() -> used.poisoned(false));
    assertThat(page.refCount()).isEqualTo(3);
    assertThat(page.isPoisoned()).isTrue();
    page.put();
    page.put();
  }

  @Test
  @DisplayName("each mapping is a life of its own, and after 2^18 they begin anew")
  void numbers() {
    begin(map, ALL_ONES - 1);
    Vmemmap vmemmap = Objects.requireNonNull(access().home(map)).vmemmap();
    assertThat(List.of(vmemmap.nextLife(), vmemmap.nextLife(), vmemmap.nextLife()))
        .containsExactly(ALL_ONES, 0, 1);
    vmemmap.lives.set(Integer.MAX_VALUE);
    assertThat(List.of(vmemmap.nextLife(), vmemmap.nextLife())).containsExactly(0, 1);
  }

  @Test
  @DisplayName("D-5 a reference that lives again for other maps is not put by pages of the first")
  void livesOfAReference() throws InterruptedException {
    PercpuRef ref = PercpuRef.init(PercpuRef.Flag.ALLOW_REINIT);
    List<Page> stale = new ArrayList<>();
    for (int life = 0; life < 6; life++) {
      DevPagemap pages = DevPagemap.over(RANGE).type(MemoryType.GENERIC).ref(ref).build();
      machine.memremapPages(pages);
      assertThat(ref.references()).isEqualTo(513);
      Page page = machine.pfnToPage(PFN);
      page.get();
      page.get();
      for (Page old : stale) {
        assertThatIllegalStateException().isThrownBy(old::put);
        assertThat(old.tryGet()).isFalse();
        assertThatIllegalStateException().isThrownBy(() -> old.zoneDeviceData(9));
        assertThatIllegalStateException().isThrownBy(() -> old.poisoned(true));
        assertThatIllegalStateException().isThrownBy(old::zoneDeviceInit);
        assertThatIllegalStateException().isThrownBy(old::segment);
        assertThat(old).isNotEqualTo(page);
      }
      assertThat(page.refCount()).isEqualTo(3);
      assertThat(page.isPoisoned()).isFalse();
      assertThat(ref.references()).isEqualTo(515);
      page.put();
      page.put();
      stale.add(page);
      ref.kill();
      machine.memunmapPages(pages);
      assertThat(ref.isZero()).isTrue();
      ref.reinit();
    }
  }

  /** A view of a page, used in its life, and the word that a put of it would change. */
  private final class Leftover {
    private final Page used = machine.pfnToPage(PFN);
    private final Page unused = machine.pfnToPage(PFN);
    private final PageWord word;

    Leftover() {
      used.get();
      used.poisoned(true);
      used.reserved(false);
      PagemapLife life = Objects.requireNonNull(access().life(map));
      word =
          Objects.requireNonNull(
              life.memmap().lastingWord(Objects.requireNonNull(life.rangeOf(PFN)), PFN));
      assertThat(word.count()).isEqualTo(2);
      used.put();
    }

    void assertChangesNothing(String which) {
      Page page = machine.pfnToPage(PFN);
      page.get();
      page.get();
      for (Page view : List.of(used, unused)) {
        assertThat(view.refCount()).as("%s: as of a fresh page", which).isEqualTo(1);
        assertThat(view.isPoisoned()).as(which).isFalse();
        assertThat(view.isReserved()).as(which).isTrue();
        assertThat(view.tryGet()).as(which).isFalse();
        assertThatIllegalStateException().as(which).isThrownBy(view::put);
        assertThatIllegalStateException().as(which).isThrownBy(() -> view.poisoned(true));
      }
      // a put that was interrupted after it had seen its life begins no later than here
      assertThat(word.putAnother()).as("%s: a put that slept", which).isFalse();
      assertThat(word.getUnlessZero()).as("%s: a get that slept", which).isFalse();
      word.flag(PageWord.POISONED, true);
      assertThat(page.refCount()).as(which).isEqualTo(3);
      assertThat(page.isPoisoned()).as(which).isFalse();
      page.put();
      page.put();
      assertThat(map.outsideReferences()).as(which).isZero();
    }
  }
}
