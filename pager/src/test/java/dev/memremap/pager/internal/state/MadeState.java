// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.state;

import dev.memremap.pager.internal.sys.Descriptor;
import dev.memremap.pager.internal.sys.Native;
import dev.memremap.pager.internal.sys.SyscallException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The state of a memory that no process has.
 *
 * @param state the state
 * @param file its file
 * @param arena where it is mapped
 */
public record MadeState(StateFile state, Descriptor file, Arena arena) implements AutoCloseable {
  /** Makes one of so many pages, of which so many may be in memory. */
  public static MadeState of(int pages, int resident) {
    return of(settings(pages, resident, "/a.jar:/b"));
  }

  /** Makes one. */
  public static MadeState of(Settings settings) {
    try {
      Descriptor file =
          Descriptor.memfd(Native.calls(), "test-state", StateFile.bytes(settings.pages()));
      Arena arena = Arena.ofShared();
      return new MadeState(StateFile.make(file, arena, settings, 4096, 1234, 99), file, arena);
    } catch (SyscallException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Settings of a memory in pages of 4 KiB. */
  public static Settings settings(int pages, int resident, String classPath) {
    return new Settings(
        URI.create("toy:/nowhere"),
        pages * 4096L,
        4096,
        resident * 4096L,
        Duration.ofMillis(700),
        true,
        false,
        Path.of("/tmp/none"),
        classPath,
        "a.Worker",
        77);
  }

  @Override
  public void close() {
    arena.close();
    file.close();
  }
}
