// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.rule.MemremapException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Persists, and then loses its file, in a JVM with options that have been known to end badly. */
public final class PersistingProgram {
  private PersistingProgram() {}

  /**
   * Runs.
   *
   * @param args a file of 8 KiB
   */
  public static void main(String[] args) throws Exception {
    Path file = Path.of(args[0]);
    try (Machine machine = Machine.host();
        Mapping mapping =
            machine.memremap(
                machine.attach("file", DaxFile.orCached(file)).range(), MemremapFlag.WB)) {
      for (int i = 0; i < 1000; i++) {
        mapping.store(i * 8L, 64, i);
      }
      mapping.persist(0, 8192);
      System.out.println("persisted");
      try {
        mapping.segment().force();
      } catch (UnsupportedOperationException refused) {
        System.out.println("force is refused");
      }
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(0);
      }
      try {
        mapping.persist(0, 8192);
        mapping.load(4096, 64);
      } catch (MemremapException lost) {
        System.out.println("lost: " + lost.errno());
      }
    } catch (UnsupportedOperationException denied) {
      System.out.println(denied.getMessage());
      System.exit(3);
    }
  }
}
