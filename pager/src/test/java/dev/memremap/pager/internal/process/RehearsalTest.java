// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.NeedsUserfaultfd;
import dev.memremap.pager.internal.state.Settings;
import dev.memremap.pager.internal.sys.Native;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A standby has served faults before it is needed, and leaves nothing behind. */
@NeedsUserfaultfd
class RehearsalTest {
  @TempDir private Path folder;

  private Rehearsal in(Path where) {
    return in(where, URI.create("toy:/nowhere/store"));
  }

  private static Rehearsal in(Path where, URI store) {
    Settings settings =
        new Settings(
            store,
            1L << 40,
            4096,
            1 << 20,
            Duration.ofMillis(1),
            true,
            true,
            where,
            "",
            "a.Worker",
            77);
    return new Rehearsal(Native.calls(), settings);
  }

  @Test
  @DisplayName("Its pages come in again and again, since a quarter of them has room")
  void serves() throws Exception {
    assertThat(in(folder).rehearse(folder.resolve("rehearsed"))).isGreaterThan(64);
  }

  @Test
  @DisplayName("Its store is deleted")
  void leavesNothing() {
    in(folder).run();

    assertThat(folder).isEmptyDirectory();
  }

  @Test
  @DisplayName("The memory's own store is prepared, so that it is opened quickly")
  void prepares(@TempDir Path elsewhere) {
    Path store = elsewhere.resolve("store");
    in(folder, URI.create("toy:" + store)).run();

    assertThat(elsewhere.resolve("store.prepared")).exists();
    assertThat(store).doesNotExist();
  }

  @Test
  @DisplayName("Where none can be held, nothing happens")
  void none() {
    Path gone = folder.resolve("gone");
    in(gone).run();

    assertThat(gone).doesNotExist();
  }
}
