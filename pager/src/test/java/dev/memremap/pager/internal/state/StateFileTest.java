// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.pager.internal.state.StateFile.Phase;
import dev.memremap.pager.internal.state.StateFile.Role;
import dev.memremap.pager.internal.sys.Descriptor;
import dev.memremap.pager.internal.sys.Native;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one process writes into the state, another one reads. */
class StateFileTest {
  private final MadeState made = MadeState.of(1_000, 32);

  @AfterEach
  void close() {
    made.close();
  }

  @Test
  @DisplayName(
      "Everything that one process says, each other one reads, and none is in another's place")
  void everything() throws Exception {
    StateFile one = made.state();
    try (Arena arena = Arena.ofConfined()) {
      StateFile two = StateFile.map(made.file(), arena);
      StateFile looking = StateFile.look(made.file(), arena);
      for (Counter counter : Counter.values()) {
        one.set(counter, 1_000 + counter.ordinal());
        one.add(counter, 7);
      }
      for (Role role : Role.values()) {
        one.process(role, 500 + role.ordinal());
      }
      for (int page = 0; page < 1_000; page++) {
        one.page(page, page & 0xff);
      }
      one.phase(Phase.OPEN);

      for (StateFile other : new StateFile[] {two, looking}) {
        assertThat(other.settings()).isEqualTo(one.settings());
        assertThat(other.base()).isEqualTo(4096);
        assertThat(other.application()).isEqualTo(1234);
        assertThat(other.applicationStart()).isEqualTo(99);
        assertThat(other.phase()).isEqualTo(Phase.OPEN);
        for (Counter counter : Counter.values()) {
          assertThat(other.get(counter)).as("%s", counter).isEqualTo(1_007 + counter.ordinal());
        }
        for (Role role : Role.values()) {
          assertThat(other.process(role)).as("%s", role).isEqualTo(500 + role.ordinal());
        }
        for (int page = 0; page < 1_000; page++) {
          assertThat(other.page(page)).isEqualTo(page & 0xff);
        }
      }
    }
  }

  @Test
  @DisplayName("The bytes of pages are found by their offsets")
  void offsets() {
    assertThat(StateFile.pageAt(StateFile.offset(77))).isEqualTo(77);
    assertThat(StateFile.pageAt(0)).isNegative();
    assertThat(StateFile.offset(999)).isEqualTo(StateFile.bytes(1_000) - 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"no room", "", "ü 日本語"})
  @DisplayName("Why a memory could not be opened is read as it was said")
  void failure(String sentence) {
    made.state().fail(sentence);
    assertThat(made.state().phase()).isEqualTo(Phase.FAILED);
    assertThat(made.state().failure()).isEqualTo(sentence);
  }

  @Test
  @DisplayName("A store's mark is read as it was noted, beside a failure; a long one is refused")
  void mark() {
    assertThat(made.state().mark()).isEmpty();
    made.state().mark("ü 1".repeat(1_000));
    made.state().fail("no room");
    assertThat(made.state().mark()).isEqualTo("ü 1".repeat(1_000));
    assertThat(made.state().failure()).isEqualTo("no room");
    assertThatThrownBy(() -> made.state().mark("x".repeat(5_000)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("5,000 bytes");
  }

  @Test
  @DisplayName("A sentence that is too long is cut, and pages stay as they are")
  void longFailure() {
    made.state().fail("x".repeat(100_000));
    assertThat(made.state().failure()).matches("x{1000,8000}");
    assertThat(made.state().page(0)).isZero();
    assertThat(made.state().settings().pages()).isEqualTo(1_000);
  }

  @Test
  @DisplayName("A file of another kind or version is refused")
  void foreign() throws Exception {
    try (Arena arena = Arena.ofConfined();
        Descriptor other = Descriptor.memfd(Native.calls(), "other", StateFile.bytes(1))) {
      assertRefused(other, arena);
      MemorySegment header = made.file().map(4096, arena);
      header.set(ValueLayout.JAVA_INT, 8, header.get(ValueLayout.JAVA_INT, 8) + 1);
      assertRefused(made.file(), arena);
    }
  }

  private static void assertRefused(Descriptor file, Arena arena) {
    assertThatThrownBy(() -> StateFile.map(file, arena))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("%s is not the state of a remote memory of this version", file.what());
  }

  @Test
  @DisplayName("A class path that has no room is refused with its size")
  void tooLong() {
    Settings settings = MadeState.settings(10, 32, "/x".repeat(600_000));
    assertThatThrownBy(() -> MadeState.of(settings))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "the class path and the other settings of a remote memory have 120\\d{4} bytes, and there is room for \\d+");
  }

  @Test
  @DisplayName("A class path of half a million characters has room")
  void longOne() {
    Settings settings = MadeState.settings(10, 32, "/x".repeat(250_000));
    try (MadeState large = MadeState.of(settings)) {
      assertThat(large.state().settings()).isEqualTo(settings);
      assertThat(large.state().page(0)).isZero();
    }
  }
}
