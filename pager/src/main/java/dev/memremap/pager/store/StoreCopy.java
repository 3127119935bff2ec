// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import dev.memremap.pager.store.StoreFiles.Mode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes a copy of a store beside it, which has its name only when it is whole. */
final class StoreCopy {
  /** A snapshot's name has no such character, so nothing else has this name. */
  private static final String UNFINISHED = "~";

  private static final int MOST_NAME_BYTES = 255;
  private static final long RUN_BYTES = 1L << 20;

  private final OpenFile from;
  private final StoreFiles files;
  private final Path unfinished;

  private StoreCopy(OpenFile from, StoreFiles files, Path unfinished) {
    this.from = from;
    this.files = files;
    this.unfinished = unfinished;
  }

  /** Makes the copy; the caller has the gate exclusively. */
  static Path make(OpenFile from, StoreFiles files, String name) throws StoreException {
    Path to = from.path.resolveSibling(from.path.getFileName() + "." + name);
    Path unfinished = to.resolveSibling(to.getFileName() + UNFINISHED);
    requireShort(unfinished.getFileName().toString(), name);
    try {
      if (Files.exists(to)) {
        throw new FileAlreadyExistsException(to.toString());
      }
      files.deleteIfExists(unfinished);
      try {
        new StoreCopy(from, files, unfinished).write(to);
      } catch (IOException | RuntimeException | Error e) {
        forget(files, unfinished, e);
        throw e;
      }
      return to;
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      throw FileSentences.copying(from.path, to, e);
    }
  }

  /** A name of a file system of Linux has at most 255 bytes. */
  private static void requireShort(String file, String name) {
    int over = file.getBytes(StandardCharsets.UTF_8).length - MOST_NAME_BYTES;
    if (over > 0) {
      throw new IllegalArgumentException(
          "snapshot '%s': the name of its file has at most 255 bytes, with those of the store before it; give one that is %d shorter"
              .formatted(name, over));
    }
  }

  private static void forget(StoreFiles files, Path unfinished, Throwable why) {
    try {
      files.deleteIfExists(unfinished);
    } catch (IOException e) {
      why.addSuppressed(e);
    }
  }

  private void write(Path to) throws IOException {
    boolean shares;
    try (StoreFile file = files.open(unfinished, Mode.CREATE)) {
      shares = file.cloneOf(from.file);
    }
    try (FileStore copy = StoreOpening.open(unfinished, files, from.layout.geometry())) {
      if (!shares) {
        writePages(copy);
        copy.flush();
      }
    }
    files.rename(unfinished, to);
    try {
      from.file.forceName();
    } catch (IOException e) {
      forget(files, to, e);
      throw e;
    }
  }

  /** Writes what pages have, in order, so that they lie beside each other in the copy. */
  private void writePages(FileStore copy) throws IOException {
    int pageBytes = from.layout.pageBytes();
    try (Arena arena = Arena.ofConfined()) {
      Run run = new Run(copy, arena.allocate(Math.max(RUN_BYTES, pageBytes)));
      TableScan scan = new TableScan(from.file, from.layout);
      scan.each(
          (page, record) -> {
            if (record.isDamaged()) {
              throw FileSentences.damaged(from.path, page, "the entry");
            }
            if (!scan.isWhole(page, record, record.newest())) {
              throw FileSentences.damaged(from.path, page, "what is on the disk");
            }
            run.add(page, scan.bytes());
            return false;
          });
      run.write();
    }
  }

  /** Pages beside each other, which are written at once. */
  private static final class Run {
    private final FileStore to;
    private final MemorySegment room;
    private long first;
    private int count;

    Run(FileStore to, MemorySegment room) {
      this.to = to;
      this.room = room;
    }

    void add(long page, MemorySegment bytes) throws StoreException {
      int pageBytes = to.pageBytes();
      if (page != first + count || (count + 1L) * pageBytes > room.byteSize()) {
        write();
        first = page;
      }
      MemorySegment.copy(bytes, 0, room, (long) count * pageBytes, pageBytes);
      count++;
    }

    void write() throws StoreException {
      if (count > 0) {
        to.write(first, room.asSlice(0, (long) count * to.pageBytes()));
        count = 0;
      }
    }
  }
}
