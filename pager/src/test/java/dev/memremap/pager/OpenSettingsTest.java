// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.pager.internal.state.Settings;
import dev.memremap.pager.store.StoreLocation;
import dev.memremap.pager.toy.ToyStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a memory may be opened with, and what is said of the rest. */
class OpenSettingsTest {
  private static final long LARGEST = Integer.MAX_VALUE * 4096L;
  private static final String SIZES =
      ": give a multiple of the page size, 4,096 bytes, and at least %s of them";
  private final StoreLocation store = new ToyStore.Location(Path.of("/nowhere"));
  @TempDir private Path folder;
  private String temporary = "";

  @BeforeEach
  void ownFolder() {
    temporary = System.getProperty("java.io.tmpdir");
  }

  @AfterEach
  void back() {
    System.setProperty("java.io.tmpdir", temporary);
  }

  private static Arguments bad(long bytes, String sentence, RemoteMemoryOption... options) {
    return Arguments.of(bytes, sentence, options);
  }

  static List<Arguments> bad() {
    String memory = "a remote memory of %s bytes" + SIZES.formatted("1");
    String resident = "the resident size of %s bytes" + SIZES.formatted("32");
    String limit = "a limit of %s: give more than nothing, and at most PT24H";
    return List.of(
        bad(0, memory.formatted("0")),
        bad(-4096, memory.formatted("-4,096")),
        bad(4095, memory.formatted("4,095")),
        bad(Long.MAX_VALUE, memory.formatted("9,223,372,036,854,775,807")),
        bad(Long.MIN_VALUE, memory.formatted("-9,223,372,036,854,775,808")),
        bad(
            LARGEST + 4096,
            "a remote memory of 8,796,093,022,208 bytes is too large: it has at most 2,147,483,647 pages of 4,096 bytes"),
        bad(1 << 20, resident.formatted("126,976"), RemoteMemory.resident(31 * 4096)),
        bad(1 << 20, resident.formatted("131,073"), RemoteMemory.resident(131_073)),
        bad(1 << 20, resident.formatted("0"), RemoteMemory.resident(0)),
        bad(1 << 20, resident.formatted("-131,072"), RemoteMemory.resident(-131_072)),
        bad(1 << 20, limit.formatted("PT0S"), RemoteMemory.limit(Duration.ZERO)),
        bad(1 << 20, limit.formatted("PT-1S"), RemoteMemory.limit(Duration.ofSeconds(-1))),
        bad(
            1 << 20,
            limit.formatted("PT24H0.000000001S"),
            RemoteMemory.limit(Duration.ofDays(1).plusNanos(1))),
        bad(
            1 << 20,
            limit.formatted(Duration.ofSeconds(Long.MAX_VALUE)),
            RemoteMemory.limit(Duration.ofSeconds(Long.MAX_VALUE))));
  }

  @ParameterizedTest
  @MethodSource("bad")
  @DisplayName("Each size and limit that cannot be is refused in one sentence, and leaves nothing")
  void refused(long bytes, String sentence, RemoteMemoryOption... options) throws IOException {
    System.setProperty("java.io.tmpdir", folder.toString());
    assertThatThrownBy(() -> OpenSettings.of(store, bytes, 4096, options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(sentence);
    assertNothingIsLeft();
  }

  private void assertNothingIsLeft() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      assertThat(all).isEmpty();
    }
  }

  @Test
  @DisplayName("Null is refused where it is given")
  void nulls() throws IOException {
    assertThatThrownBy(() -> RemoteMemory.limit(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("limit");
    assertThatThrownBy(() -> RemoteMemory.onOutage(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("choice");
    assertThatThrownBy(() -> RemoteMemory.open(store, 4096, (RemoteMemoryOption[]) null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("options");
    assertThatThrownBy(() -> RemoteMemory.open(store, 4096, (RemoteMemoryOption) null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("option");
    assertThatThrownBy(() -> RemoteMemory.open(null, 4096))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("store");
    assertNothingIsLeft();
  }

  private void refuses(Path temporary, String why) throws IOException {
    System.setProperty("java.io.tmpdir", temporary.toString());
    assertThatThrownBy(() -> OpenSettings.of(store, 1 << 20, 4096))
        .isInstanceOf(RemoteMemoryException.class)
        .hasMessage(
            "remote memory of %s: java.io.tmpdir, where the pager's sockets lie: %s, or name another one with -Djava.io.tmpdir=FOLDER",
            store.uri(), why);
    assertNothingIsLeft();
  }

  @Test
  @DisplayName(
      "A java.io.tmpdir that is missing, or has a long name, is refused, and nothing waits")
  void temporaryFolder() throws IOException {
    Path none = folder.resolve("none");
    refuses(none, "the folder %s does not exist; make it".formatted(none));

    Path deep = folder.resolve("x".repeat(62 - folder.toString().length() - 1));
    Files.createDirectory(deep);
    System.setProperty("java.io.tmpdir", deep.toString());
    Settings settings = OpenSettings.of(store, 1 << 20, 4096);
    assertThat(settings.folder().getParent()).isEqualTo(deep);
    Files.delete(settings.folder());
    Files.delete(deep);
    Path deeper = Files.createDirectory(Path.of(deep + "x"));
    System.setProperty("java.io.tmpdir", deeper.toString());
    assertThatThrownBy(() -> OpenSettings.of(store, 1 << 20, 4096))
        .isInstanceOf(RemoteMemoryException.class)
        .hasMessageContaining(
            ": the name of %s has more than 62 bytes, and those of its sockets would be too long; shorten it, or name another one",
            deeper);
    Files.delete(deeper);
  }

  @Test
  @DisplayName("What is not said is 256 MiB, two seconds, and failing")
  void defaults() throws IOException {
    Settings settings = OpenSettings.of(store, LARGEST, 4096);
    Files.delete(settings.folder());

    assertThat(settings.pages()).isEqualTo(Integer.MAX_VALUE);
    assertThat(settings.residentBytes()).isEqualTo(256 << 20);
    assertThat(settings.limit()).isEqualTo(Duration.ofSeconds(2));
    assertThat(settings.poisons()).isTrue();
    assertThat(settings.keepsDirty()).isFalse();
  }

  @Test
  @DisplayName(
      "Each option is in the settings, the last of a kind; no more is resident than there is")
  void options() throws IOException {
    Settings settings =
        OpenSettings.of(
            store,
            1 << 20,
            4096,
            RemoteMemory.resident(1 << 18),
            RemoteMemory.resident(1 << 30),
            RemoteMemory.limit(Duration.ofMillis(5)),
            RemoteMemory.onOutage(OnOutage.WAIT),
            RemoteMemory.keepUnflushed());
    Files.delete(settings.folder());

    assertThat(settings.residentBytes()).isEqualTo(1 << 20);
    assertThat(settings.limit()).isEqualTo(Duration.ofMillis(5));
    assertThat(settings.poisons()).isFalse();
    assertThat(settings.keepsDirty()).isTrue();
    assertThat(settings.store()).isEqualTo(store.uri());
    assertThat(Files.exists(settings.folder())).isFalse();
  }
}
