// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.StampedLock;

/**
 * A store's file, mapped and held by this process.
 *
 * <p>Thread safety: the gate is held shared to write pages, and exclusively to have no writer
 * beside; what closes the file holds the store's flush lock and the gate, and what uses it one of
 * both. {@code closed} and {@code lost} never go back.
 */
final class OpenFile {
  final Path path;
  final StoreFile file;
  final StoreLayout layout;
  final MemorySegment mapped;
  final StampedLock gate = new StampedLock();
  final String mark;
  private final long holder;
  private volatile boolean closed;
  private volatile boolean lost;

  OpenFile(
      Path path,
      StoreFile file,
      StoreLayout layout,
      MemorySegment mapped,
      long holder,
      String mark) {
    this.path = path;
    this.file = file;
    this.layout = layout;
    this.mapped = mapped;
    this.holder = holder;
    this.mark = mark;
  }

  void requireOpen() {
    if (closed) {
      throw new IllegalStateException(path + " is closed");
    }
  }

  boolean isClosed() {
    return closed;
  }

  /** From now on nothing uses the file; the caller has the gate exclusively. */
  void setClosed() {
    closed = true;
  }

  /**
   * Looks into the file whether another process took the store, which a lock cannot keep from
   * happening on each file system.
   */
  void requireHeld() throws StoreException {
    try {
      StoreHeader.Found found = StoreHeader.read(file);
      Optional<StoreHeader> header = StoreHeader.ifWhole(found);
      if (header.isEmpty()) {
        throw FileSentences.damagedHeader(path);
      }
      if (lost || header.get().holder() != holder) {
        lost = true;
        throw FileSentences.lost(path, header.get().process());
      }
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      throw FileSentences.failed(path + ": its header was not read", path, e);
    }
  }

  /** What has been written lasts only where it is found again. */
  void requireNamed() throws StoreException {
    try {
      switch (file.name()) {
        case ITS_OWN -> {}
        case ANOTHERS -> throw OwnerSentences.moved(path);
        case NONE -> throw OwnerSentences.deleted(path, ProcessHandle.current().pid());
      }
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      throw FileSentences.failed(path + ": its name was not looked at", path, e);
    }
  }

  boolean isLost() {
    return lost;
  }
}
