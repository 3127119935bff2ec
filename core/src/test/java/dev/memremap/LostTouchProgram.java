// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.spi.SegmentAccess;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Touches memory that was cut short, after memory that is there was touched so often that the JVM
 * has compiled it. A touch is a load whose value nothing needs, which a compiler likes to leave
 * out. It prints how many of the touches met the loss.
 */
final class LostTouchProgram {
  static final int TOUCHES = 20;

  private static final int ROUNDS = 300_000;
  private static final int PAGE = 4096;

  private LostTouchProgram() {}

  /** Runs. */
  public static void main(String[] args) throws IOException {
    System.out.printf("touched: %d of %d%n", touched(), TOUCHES);
  }

  private static int touched() throws IOException {
    Path file = Files.createTempFile("touched", ".bin");
    int met = 0;
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        Arena arena = Arena.ofShared()) {
      MemorySegment there = channel.map(MapMode.READ_WRITE, 0, PAGE, arena);
      for (int i = 0; i < ROUNDS; i++) {
        SegmentAccess.touch(there, 0, PAGE);
      }
      MemorySegment lost = channel.map(MapMode.READ_WRITE, PAGE, PAGE, arena);
      channel.truncate(PAGE);
      for (int i = 0; i < TOUCHES; i++) {
        try {
          SegmentAccess.touch(lost, 0, PAGE);
        } catch (InternalError e) {
          met++;
        }
      }
    } finally {
      Files.delete(file);
    }
    return met;
  }
}
