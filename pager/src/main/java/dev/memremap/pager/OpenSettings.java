// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import dev.memremap.pager.internal.process.Worker;
import dev.memremap.pager.internal.state.Settings;
import dev.memremap.pager.store.StoreLocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;

/** Makes settings of what a memory is opened with, and refuses what cannot be. */
final class OpenSettings {
  /** A fault that may wait longer waits for ever, and that is {@link OnOutage#WAIT}. */
  private static final Duration LONGEST = Duration.ofDays(1);

  private static final SecureRandom OWNERS = new SecureRandom();

  private OpenSettings() {}

  static Settings of(
      StoreLocation store, long bytes, int pageBytes, RemoteMemoryOption... options) {
    requirePages("a remote memory", bytes, pageBytes, 1);
    if (bytes / pageBytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a remote memory of %,d bytes is too large: it has at most %,d pages of %,d bytes"
              .formatted(bytes, Integer.MAX_VALUE, pageBytes));
    }
    long resident = RemoteMemory.defaultResident();
    Duration limit = RemoteMemory.defaultLimit();
    boolean poisons = true;
    boolean keeps = false;
    for (RemoteMemoryOption option : options) {
      switch (option) {
        case RemoteMemoryOption.Resident chosen -> resident = chosen.bytes();
        case RemoteMemoryOption.Limit chosen -> limit = chosen.duration();
        case RemoteMemoryOption.Outage chosen -> poisons = chosen.choice() == OnOutage.FAIL;
        case RemoteMemoryOption.KeepUnflushed chosen -> keeps = true;
      }
    }
    requirePages("the resident size", resident, pageBytes, RemoteMemory.leastPages());
    if (limit.compareTo(Duration.ZERO) <= 0 || limit.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "a limit of %s: give more than nothing, and at most %s".formatted(limit, LONGEST));
    }
    String classPath = StartPath.ofThisJvm(store);
    return new Settings(
        store.uri(),
        bytes,
        pageBytes,
        Math.max(Math.min(resident, bytes), (long) RemoteMemory.leastPages() * pageBytes),
        limit,
        poisons,
        keeps,
        folder(),
        classPath,
        System.getProperty("dev.memremap.pager.worker", Worker.class.getName()),
        OWNERS.nextLong(1, Long.MAX_VALUE));
  }

  private static void requirePages(String what, long bytes, int pageBytes, int least) {
    if (bytes % pageBytes != 0 || bytes / pageBytes < least) {
      throw new IllegalArgumentException(
          "%s of %,d bytes: give a multiple of the page size, %,d bytes, and at least %,d of them"
              .formatted(what, bytes, pageBytes, least));
    }
  }

  private static Path folder() {
    try {
      return Files.createTempDirectory(
          "memremap-pager-",
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw new IllegalStateException(
          "no folder can be made for the pager's sockets in java.io.tmpdir: " + e.getMessage(), e);
    }
  }
}
