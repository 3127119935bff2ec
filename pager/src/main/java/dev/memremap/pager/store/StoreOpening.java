// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import dev.memremap.pager.store.StoreFiles.Mode;
import dev.memremap.rule.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Opens stores, makes them, and takes them over from a holder that is gone. */
final class StoreOpening {
  private static final long MAX_EPOCH = (1L << (Long.SIZE - 1 - PageRecord.EPOCH_SHIFT)) - 1;
  private static final SecureRandom HOLDERS = new SecureRandom();

  private final Path path;
  private final StoreFile file;
  private final StoreLayout layout;
  private final @Nullable Filling filling;
  private final StoreOwner owner;

  /**
   * What a store is filled with.
   *
   * @param of the store that is copied
   * @param replaces whether what is there may be written over
   */
  private record Filling(URI of, boolean replaces) {}

  private StoreOpening(
      Path path, StoreFile file, StoreLayout layout, @Nullable Filling filling, StoreOwner owner) {
    this.path = path;
    this.file = file;
    this.layout = layout;
    this.filling = filling;
    this.owner = owner;
  }

  static FileStore open(Path path, StoreFiles files, StoreGeometry geometry) throws StoreException {
    return open(path, files, geometry, StoreOwner.unnamed());
  }

  static FileStore open(Path path, StoreFiles files, StoreGeometry geometry, StoreOwner owner)
      throws StoreException {
    return open(path, files, geometry, null, owner);
  }

  /** Opens a store to be filled; it stays unfinished until {@link FileStore#finish}. */
  static FileStore openUnfinished(
      Path path, StoreFiles files, StoreGeometry geometry, URI of, boolean replaces)
      throws StoreException {
    return open(path, files, geometry, new Filling(of, replaces), StoreOwner.unnamed());
  }

  @SuppressWarnings("MustBeClosed") // the store closes the arena
  private static FileStore open(
      Path path,
      StoreFiles files,
      StoreGeometry geometry,
      @Nullable Filling filling,
      StoreOwner owner)
      throws StoreException {
    StoreFile file = owner.again() ? openedAgain(path, files) : opened(path, files, Mode.WRITE);
    Arena arena = Arena.ofShared();
    try {
      StoreLayout layout = new StoreLayout(geometry);
      StoreHeader header = new StoreOpening(path, file, layout, filling, owner).held();
      MemorySegment mapped = file.map(layout.bytes(), arena);
      OpenFile open = new OpenFile(path, file, layout, mapped, header.holder(), file.mark());
      return new FileStore(open, files, arena, header);
    } catch (IOException | RuntimeException | Error e) {
      file.close();
      FileStore.unmap(arena);
      switch (e) {
        case StoreException already -> throw already;
        case IOException failed -> throw FileSentences.opening(path, failed);
        case RuntimeException thrown -> throw thrown;
        case Error thrown -> throw thrown;
        default -> throw new AssertionError(e);
      }
    }
  }

  private static StoreFile opened(Path path, StoreFiles files, Mode mode) throws StoreException {
    try {
      return files.open(path, mode);
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      throw FileSentences.opening(path, e);
    }
  }

  /** A file that is not there is not made anew: the pages that were in it are not zeros. */
  private static StoreFile openedAgain(Path path, StoreFiles files) throws StoreException {
    try {
      return files.open(path, Mode.WRITE_AGAIN);
    } catch (StoreFile.FailedCall e) {
      throw e.errno() == Errno.ENOENT.number() || e.errno() == Errno.ENOTDIR.number()
          ? OwnerSentences.gone(path, e)
          : FileSentences.opening(path, e);
    } catch (IOException e) {
      throw FileSentences.opening(path, e);
    }
  }

  static StoreGeometry geometryOf(Path path, StoreFiles files) throws StoreException {
    try (StoreFile file = opened(path, files, Mode.READ)) {
      return geometryOf(path, file);
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      throw FileSentences.failed(path + " cannot be read", path, e);
    }
  }

  private static StoreGeometry geometryOf(Path path, StoreFile file) throws IOException {
    if (file.size() < StoreLayout.HEADER_COPIES * StoreLayout.HEADER_BYTES) {
      throw FileSentences.foreign(path);
    }
    StoreHeader header = whole(path, StoreHeader.read(file));
    if (header.unfinished()) {
      throw FileSentences.unfinished(path, CopyNote.read(file));
    }
    return header.geometry();
  }

  /** How large the store in a file is; empty if the file does not exist, or nothing is in it. */
  static Optional<StoreGeometry> found(Path path, StoreFiles files) throws StoreException {
    try (StoreFile file = files.open(path, Mode.READ)) {
      return file.nextData(0) >= file.size()
          ? Optional.empty()
          : Optional.of(geometryOf(path, file));
    } catch (StoreException e) {
      throw e;
    } catch (StoreFile.FailedCall e) {
      if (e.errno() == Errno.ENOENT.number()) {
        return Optional.empty();
      }
      throw FileSentences.failed(path + " cannot be read", path, e);
    } catch (IOException e) {
      throw FileSentences.failed(path + " cannot be read", path, e);
    }
  }

  private static StoreHeader whole(Path path, StoreHeader.Found found) throws StoreException {
    if (found instanceof StoreHeader.Found.Whole whole) {
      return whole.header();
    }
    if (found instanceof StoreHeader.Found.OfVersion other) {
      throw FileSentences.ofVersion(path, other.version());
    }
    throw found instanceof StoreHeader.Found.Damaged
        ? FileSentences.damagedHeader(path)
        : FileSentences.foreign(path);
  }

  /** Takes the store, and returns its header, which lasts. */
  private StoreHeader held() throws IOException {
    if (owner.again()) {
      // before the lock as well, since a memory that is refused must not keep others from it
      requireOwn();
    }
    if (!file.lock()) {
      throw FileSentences.taken(path, holdingProcess());
    }
    long size = file.size();
    if (owner.again()) {
      requireOwn();
    } else if (size == 0 || isUnborn(size)) {
      return made(size);
    }
    if (size < StoreLayout.HEADER_COPIES * StoreLayout.HEADER_BYTES) {
      throw FileSentences.foreign(path);
    }
    StoreHeader before = whole(path, StoreHeader.read(file));
    requireWanted(before);
    if (!before.geometry().equals(layout.geometry())) {
      throw FileSentences.otherGeometry(path, before.geometry(), layout.geometry());
    }
    if (size < layout.bytes()) {
      throw FileSentences.cutShort(path, size, layout);
    }
    if (filling == null) {
      return takenOver(before);
    }
    CopyNote.write(file, filling.of);
    return takenOver(before.ofUnfinished());
  }

  /** The file is the one that the owner had, and only this owner has opened it since. */
  private void requireOwn() throws IOException {
    if (!owner.mark().isEmpty() && !owner.mark().equals(file.mark())) {
      throw OwnerSentences.replaced(path);
    }
    long size = file.size();
    if (size < layout.bytes()) {
      throw OwnerSentences.cutShort(path, size, layout);
    }
    StoreHeader header = whole(path, StoreHeader.read(file));
    if (header.owner() != owner.number()) {
      throw OwnerSentences.anothers(path, header.process());
    }
  }

  /** An unfinished copy does not count as a store, and what may not be replaced stays. */
  private void requireWanted(StoreHeader before) throws IOException {
    if (filling == null) {
      if (before.unfinished()) {
        throw FileSentences.unfinished(path, CopyNote.read(file));
      }
      return;
    }
    String of = before.unfinished() ? CopyNote.read(file) : "";
    if (!filling.replaces && !CopyNote.isOf(of, filling.of)) {
      throw FileSentences.notReplaced(path, filling.of, before.unfinished(), of);
    }
  }

  /** Its number, to say what to end; 0 if it cannot be found out. */
  private long holdingProcess() {
    try {
      return StoreHeader.ifWhole(StoreHeader.read(file))
          .filter(header -> !header.clean())
          .map(StoreHeader::process)
          .orElse(0L);
    } catch (IOException e) {
      return 0;
    }
  }

  /** Whether a crash cut the making of a store short: it has its size, and nothing in it. */
  private boolean isUnborn(long size) throws IOException {
    return size == layout.bytes() && file.nextData(0) >= size;
  }

  private StoreHeader made(long size) throws StoreException {
    try {
      if (size == 0) {
        file.resize(layout.bytes());
      }
      StoreHeader unheld =
          new StoreHeader(layout.geometry(), 0, 0, 0, 0, 0, true, filling != null, 0);
      StoreHeader header = written(unheld, 1);
      if (filling != null) {
        CopyNote.write(file, filling.of);
      }
      file.forceName();
      return header;
    } catch (IOException e) {
      throw FileSentences.making(path, layout, e);
    }
  }

  private StoreHeader takenOver(StoreHeader before) throws IOException {
    long greatest = before.flushed();
    if (!before.clean()) {
      greatest = StoreRecovery.settle(file, layout, before.flushed());
    }
    // what another holder wrote and did not flush counts as flushed from here on, so it must last
    file.force();
    long epoch = Math.max(before.epoch(), greatest >>> PageRecord.EPOCH_SHIFT) + 1;
    if (epoch > MAX_EPOCH) {
      throw FileSentences.leasesUsedUp(path);
    }
    return written(before, epoch);
  }

  /** Both copies have the new epoch, so that none is lost with one of them. */
  private StoreHeader written(StoreHeader before, long epoch) throws IOException {
    StoreHeader header =
        before.taken(epoch, HOLDERS.nextLong(), ProcessHandle.current().pid(), owner);
    header.write(file);
    file.force();
    StoreHeader again = header.next(header.flushed(), false);
    again.write(file);
    file.force();
    return again;
  }
}
