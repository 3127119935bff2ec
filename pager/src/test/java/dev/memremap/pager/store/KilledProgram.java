// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * Writes pages until it is killed. Once a write has returned, it says which pages are which
 * version; versions go up by one. A second thread flushes.
 */
final class KilledProgram {
  static final StoreGeometry GEOMETRY = new StoreGeometry(24, 4096);
  private static final int MAX_RUN = 3;

  private KilledProgram() {}

  /** Arguments: the file, the version before the first one, the seed. */
  public static void main(String[] arguments) throws Exception {
    long version = Long.parseLong(arguments[1]);
    SplittableRandom random = new SplittableRandom(Long.parseLong(arguments[2]));
    DataOutputStream out = new DataOutputStream(new FileOutputStream(FileDescriptor.out));
    PageStore store =
        FileStore.at(Path.of(arguments[0])).open(GEOMETRY.pages(), GEOMETRY.pageBytes());
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                while (true) {
                  store.flush();
                  Thread.sleep(3);
                }
              } catch (StoreException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    MemorySegment room = Arena.ofAuto().allocate((long) MAX_RUN * GEOMETRY.pageBytes());
    byte[] written = new byte[2 * Long.BYTES];
    while (true) {
      int count = random.nextInt(1, MAX_RUN + 1);
      long first = random.nextLong(GEOMETRY.pages() - count + 1);
      MemorySegment bytes = room.asSlice(0, (long) count * GEOMETRY.pageBytes());
      MarkedPages.fill(bytes, GEOMETRY.pageBytes(), first, ++version);
      store.write(first, bytes);
      java.nio.ByteBuffer.wrap(written).putLong(version).putInt((int) first).putInt(count);
      out.write(written); // one call, so it is there whole or not at all
    }
  }
}
