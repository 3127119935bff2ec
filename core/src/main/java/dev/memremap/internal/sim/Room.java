// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.sim;

import dev.memremap.internal.teardown.Log;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The room that the file system of simulated memory has left. Memory is taken from it when it is
 * first touched, which this library does not see. So each mapping looks for room, and a directory
 * with little is warned about, once in the life of a JVM.
 *
 * <p>Thread safety: {@code WARNED} is a concurrent set; two threads that find little room at once
 * warn once.
 */
final class Room {
  /** Less than this is little: 64 MiB. */
  static final long LITTLE_BYTES = 64L << 20;

  private static final Set<Path> WARNED = ConcurrentHashMap.newKeySet();

  private Room() {}

  /** How many bytes can be written to files in a directory; 0 if that is not known. */
  static long left(Path directory) {
    return directory.toFile().getUsableSpace();
  }

  /** Warns if there is little room. */
  static void look(Path directory) {
    long left = left(directory);
    if (left < LITTLE_BYTES && WARNED.add(directory)) {
      // the caller may hold the lock of its machine
      Log.warnSoon(
          ("simulated memory lies in %s, where %d KiB are left: an access that finds no room fails,"
                  + " and ends the JVM where a class of the JDK or native code makes it past this"
                  + " library. Free room there, or %s; MachineBuilder.populate() takes the room when"
                  + " memory is mapped")
              .formatted(directory, left >>> 10, MemoryDirectory.ADVICE));
    }
  }
}
