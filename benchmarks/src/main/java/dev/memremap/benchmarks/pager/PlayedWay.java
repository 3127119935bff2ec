// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * How long bytes are under way in a network that is played: a number in a file that several
 * processes have mapped, so that one of them may change it while another one plays.
 *
 * <p>Thread safety: all methods may be called from any thread, of any process that has the file.
 */
final class PlayedWay {
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

  private final MemorySegment number;

  private PlayedWay(MemorySegment number) {
    this.number = number;
  }

  /** The one in a file, which is made if it is not there; it is 0 then. */
  @SuppressWarnings("MustBeClosedChecker") // lives as long as this JVM
  static PlayedWay in(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new PlayedWay(
          channel.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES, Arena.global()));
    }
  }

  /** Nanoseconds, each way. */
  long nanos() {
    return (long) LONG.getVolatile(number, 0L);
  }

  /** Sets it for what is sent from now on. */
  void nanos(long each) {
    LONG.setVolatile(number, 0L, each);
  }
}
