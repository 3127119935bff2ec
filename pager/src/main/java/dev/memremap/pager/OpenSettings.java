// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import dev.memremap.pager.internal.process.Worker;
import dev.memremap.pager.internal.state.Settings;
import dev.memremap.pager.internal.sys.UnixSocket;
import dev.memremap.pager.store.StoreLocation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes settings of what a memory is opened with, and refuses what cannot be. */
final class OpenSettings {
  /** A fault that may wait longer waits for ever, and that is {@link OnOutage#WAIT}. */
  private static final Duration LONGEST = Duration.ofDays(1);

  private static final long DEFAULT_RESIDENT = 256L << 20;
  private static final Duration DEFAULT_LIMIT = Duration.ofSeconds(2);
  private static final int LEAST_PAGES = 32;
  private static final String FOLDER = "memremap-pager-";

  /**
   * Below java.io.tmpdir: the folder with a number of up to 20 digits, and a socket of 8 letters.
   */
  private static final int LONGEST_BELOW = 1 + FOLDER.length() + 20 + 1 + 8;

  private static final SecureRandom OWNERS = new SecureRandom();

  private OpenSettings() {}

  static Settings of(
      StoreLocation store, long bytes, int pageBytes, RemoteMemoryOption... options) {
    Objects.requireNonNull(options, "options");
    requirePages("a remote memory", bytes, pageBytes, 1);
    if (bytes / pageBytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a remote memory of %,d bytes is too large: it has at most %,d pages of %,d bytes"
              .formatted(bytes, Integer.MAX_VALUE, pageBytes));
    }
    long resident = DEFAULT_RESIDENT;
    Duration limit = DEFAULT_LIMIT;
    boolean poisons = true;
    boolean keeps = false;
    for (RemoteMemoryOption option : options) {
      switch (Objects.requireNonNull(option, "option")) {
        case RemoteMemoryOption.Resident chosen -> resident = chosen.bytes();
        case RemoteMemoryOption.Limit chosen -> limit = chosen.duration();
        case RemoteMemoryOption.Outage chosen -> poisons = chosen.choice() == OnOutage.FAIL;
        case RemoteMemoryOption.KeepUnflushed chosen -> keeps = true;
      }
    }
    requirePages("the resident size", resident, pageBytes, LEAST_PAGES);
    if (limit.compareTo(Duration.ZERO) <= 0 || limit.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "a limit of %s: give more than nothing, and at most %s".formatted(limit, LONGEST));
    }
    String classPath = StartPath.ofThisJvm(store);
    return new Settings(
        store.uri(),
        bytes,
        pageBytes,
        Math.max(Math.min(resident, bytes), (long) LEAST_PAGES * pageBytes),
        limit,
        poisons,
        keeps,
        folder(store),
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

  private static Path folder(StoreLocation store) {
    Path in = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    if (!Files.isDirectory(in)) {
      throw unfit(store, "the folder %s does not exist; make it".formatted(in), null);
    }
    int room = UnixSocket.MOST_NAME_BYTES - LONGEST_BELOW;
    if (in.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8).length > room) {
      throw unfit(
          store,
          "the name of %s has more than %d bytes, and those of its sockets would be too long; shorten it"
              .formatted(in, room),
          null);
    }
    try {
      return Files.createTempDirectory(
          in,
          FOLDER,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (AccessDeniedException e) {
      throw unfit(store, "this user may not write in %s; permit it".formatted(in), e);
    } catch (IOException e) {
      throw unfit(
          store,
          "no folder can be made in %s (%s); look at the disk".formatted(in, e.getMessage()),
          e);
    }
  }

  private static RemoteMemoryException unfit(
      StoreLocation store, String why, @Nullable Throwable cause) {
    return new RemoteMemoryException(
        store.uri(),
        -1,
        "java.io.tmpdir, where the pager's sockets lie: %s, or name another one with -Djava.io.tmpdir=FOLDER"
            .formatted(why),
        cause);
  }
}
