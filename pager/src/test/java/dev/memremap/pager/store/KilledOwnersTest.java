// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.store.StoreException.Kind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A memory is killed, or the power cut, at each call of an opening of its store. */
class KilledOwnersTest {
  private static final Path PATH = Path.of("/simulated/store");
  private static final StoreGeometry GEOMETRY = new StoreGeometry(18, 4096);
  private static final StoreOwner MINE = StoreOwner.again(7, "");
  private static final int MOST_CALLS = 1_000;

  private final MemorySegment page = Arena.ofAuto().allocate(GEOMETRY.pageBytes());

  private SimulatedFile file() {
    return new SimulatedFile(new StoreLayout(GEOMETRY).bytes());
  }

  private void write(FileStore store, long version) throws StoreException {
    MarkedPages.fill(page, 3, version);
    store.write(3, page);
  }

  private long version(FileStore store) throws StoreException {
    return MarkedPages.version(store.read(3, 1, page), 3);
  }

  /** A store with page 3, whose owner was killed. */
  private SimulatedFile left() throws StoreException {
    SimulatedFile file = file();
    FileStore store = StoreOpening.open(PATH, file, GEOMETRY, StoreOwner.first(7));
    write(store, 1);
    store.flush();
    return file.afterKill();
  }

  /** Whether an opening was done before the crash. */
  private static boolean opens(SimulatedFile file, StoreOwner owner, int calls)
      throws StoreException {
    file.crashAfter(calls);
    try {
      StoreOpening.open(PATH, file, GEOMETRY, owner);
      return true;
    } catch (SimulatedFile.Crash crashed) {
      return false;
    }
  }

  private static SimulatedFile next(SimulatedFile file, boolean power, RandomGenerator random) {
    return power ? file.afterPowerCut(random) : file.afterKill();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @DisplayName("its next process is never refused, whatever instruction it was killed at")
  void never(boolean power) throws Exception {
    RandomGenerator random = new SplittableRandom(28);
    int calls = 0;
    for (boolean done = false; !done && calls < MOST_CALLS; calls++) {
      SimulatedFile file = left();
      done = opens(file, MINE, calls);
      FileStore store = StoreOpening.open(PATH, next(file, power, random), GEOMETRY, MINE);
      assertThat(version(store)).isEqualTo(1);
    }
    assertThat(calls).isBetween(8, MOST_CALLS - 1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @DisplayName(
      "another one that was killed while it opened either had the store or changed nothing")
  void another(boolean power) throws Exception {
    RandomGenerator random = new SplittableRandom(28);
    int calls = 0;
    for (boolean done = false; !done && calls < MOST_CALLS; calls++) {
      SimulatedFile file = left();
      done = opens(file, StoreOwner.first(8), calls);
      SimulatedFile found = next(file, power, random);
      try {
        FileStore store = StoreOpening.open(PATH, found, GEOMETRY, MINE);
        assertThat(done).as("it had the store").isFalse();
        assertThat(version(store)).isEqualTo(1);
      } catch (StoreException e) {
        assertThat(e.kind()).isEqualTo(Kind.TAKEN);
        assertThat(e).hasMessageContaining("has had it meanwhile");
      }
    }
    assertThat(calls).isBetween(8, MOST_CALLS - 1);
  }

  @Test
  @DisplayName("that another one had it is known from either copy of the header")
  void eitherCopy() throws Exception {
    for (int copy = 0; copy < StoreLayout.HEADER_COPIES; copy++) {
      SimulatedFile file = left();
      StoreOpening.open(PATH, file, GEOMETRY, StoreOwner.first(8));
      MemorySegment bytes = file.bytes();
      bytes.asSlice((long) copy * StoreLayout.HEADER_BYTES, 512).fill((byte) 0xff);
      assertThat(refusal(file)).isEqualTo(Kind.TAKEN);
    }
  }

  private static Kind refusal(SimulatedFile file) {
    try {
      StoreOpening.open(PATH, file, GEOMETRY, MINE);
      throw new AssertionError("it was opened");
    } catch (StoreException e) {
      return e.kind();
    }
  }
}
