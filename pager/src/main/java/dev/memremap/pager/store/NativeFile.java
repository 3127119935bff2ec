// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import dev.memremap.rule.Errno;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;

/**
 * A file of Linux, open.
 *
 * <p>Thread safety: as {@link StoreFile} says; {@code fd} never changes.
 */
final class NativeFile implements StoreFile {
  /** The files of this computer. */
  static final StoreFiles FILES = new OfThisComputer();

  private static final int O_RDONLY = 0;
  private static final int O_RDWR = 2;
  private static final int O_CREAT = 0x40;
  private static final int O_EXCL = 0x80;
  private static final int O_CLOEXEC = 0x80000;
  private static final int OWNER_AND_GROUP = 0660;
  private static final int SEEK_END = 2;
  private static final int SEEK_DATA = 3;
  private static final int LOCK_EX = 2;
  private static final int LOCK_NB = 4;
  private static final int LOCK_UN = 8;
  private static final int PROT_READ = 1;
  private static final int MAP_SHARED = 1;
  private static final int MADV_POPULATE_READ = 22;

  /** Where pages of the system are larger, fewer answers come, and those behind change nothing. */
  private static final int SYSTEM_PAGE = 4096;

  private static final long FICLONE = 0x40049409L;

  /** Errnos of FICLONE that mean that this file system, or pair of files, cannot share blocks. */
  private static final int ENOTTY = 25;

  private static final int EXDEV = 18;

  private final int fd;
  private final Path path;

  private NativeFile(int fd, Path path) {
    this.fd = fd;
    this.path = path;
  }

  private static final class OfThisComputer implements StoreFiles {
    @Override
    public StoreFile open(Path path, Mode mode) throws IOException {
      requireRegular(path);
      int flags =
          switch (mode) {
            case READ -> O_RDONLY;
            case WRITE -> O_RDWR | O_CREAT;
            case WRITE_AGAIN -> O_RDWR;
            case CREATE -> O_RDWR | O_CREAT | O_EXCL;
          };
      return new NativeFile(opened(path, flags), path);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
      if (Files.exists(to)) {
        throw new FileAlreadyExistsException(to.toString());
      }
      try {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(from, to);
      }
    }

    @Override
    public void deleteIfExists(Path path) throws IOException {
      Files.deleteIfExists(path);
    }
  }

  /** Before it is opened: a pipe would wait for its other end, and a device may do anything. */
  private static void requireRegular(Path path) throws StoreException {
    try {
      if (Files.readAttributes(path, BasicFileAttributes.class).isOther()) {
        throw FileSentences.notRegular(path);
      }
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      // opening it says what is wrong
    }
  }

  private static int opened(Path path, int flags) throws FailedCall {
    int fd;
    do {
      fd = LibC.open(path.toString(), flags | O_CLOEXEC, OWNER_AND_GROUP);
    } while (fd == -Errno.EINTR.number());
    return (int) checked("open", fd);
  }

  private static long checked(String function, long result) throws FailedCall {
    if (result < 0) {
      throw new FailedCall(function, (int) -result);
    }
    return result;
  }

  @Override
  public void read(long offset, MemorySegment into) throws IOException {
    long done = 0;
    while (done < into.byteSize()) {
      MemorySegment rest = done == 0 ? into : into.asSlice(done);
      long read = LibC.pread(fd, rest, rest.byteSize(), offset + done);
      if (read == 0) {
        throw new EOFException("the file ends at byte %d".formatted(offset + done));
      }
      if (read != -Errno.EINTR.number()) {
        done += checked("pread", read);
      }
    }
  }

  @Override
  public void write(long offset, MemorySegment from) throws IOException {
    long done = 0;
    while (done < from.byteSize()) {
      MemorySegment rest = done == 0 ? from : from.asSlice(done);
      long written = LibC.pwrite(fd, rest, rest.byteSize(), offset + done);
      if (written != -Errno.EINTR.number()) {
        done += checked("pwrite", written);
      }
    }
  }

  @Override
  public void force() throws IOException {
    int result;
    do {
      result = LibC.fdatasync(fd);
    } while (result == -Errno.EINTR.number());
    checked("fdatasync", result);
  }

  @Override
  public void forceName() throws IOException {
    int folder = opened(Objects.requireNonNull(path.getParent()), O_RDONLY);
    try {
      int result = LibC.fsync(folder);
      // file systems that keep no folders on a disk of their own refuse so
      if (result != -Errno.EINVAL.number()) {
        checked("fsync", result);
      }
    } finally {
      LibC.close(folder);
    }
  }

  @Override
  public long size() throws IOException {
    return checked("lseek", LibC.lseek(fd, 0, SEEK_END));
  }

  @Override
  public String mark() throws IOException {
    return FileIdentity.isLasting(fd) ? FileIdentity.of(fd).mark() : "";
  }

  @Override
  public Name name() throws IOException {
    FileIdentity mine = FileIdentity.of(fd);
    if (mine.links() == 0) {
      return Name.NONE;
    }
    try {
      boolean isOwn =
          FileIdentity.of(path).mark().equals(mine.mark()) || !FileIdentity.isLasting(fd);
      return isOwn ? Name.ITS_OWN : Name.ANOTHERS;
    } catch (FailedCall e) {
      if (e.errno() == Errno.ENOENT.number() || e.errno() == Errno.ENOTDIR.number()) {
        return Name.ANOTHERS;
      }
      throw e;
    }
  }

  @Override
  public void resize(long bytes) throws IOException {
    int result;
    do {
      result = LibC.ftruncate(fd, bytes);
    } while (result == -Errno.EINTR.number());
    checked("ftruncate", result);
  }

  @Override
  public long nextData(long offset) throws IOException {
    long next = LibC.lseek(fd, offset, SEEK_DATA);
    if (next == -Errno.ENXIO.number()) {
      return size();
    }
    // one that does not know its holes has room everywhere
    return next == -Errno.EINVAL.number() ? offset : checked("lseek", next);
  }

  @Override
  public boolean lock() throws IOException {
    int result;
    do {
      result = LibC.flock(fd, LOCK_EX | LOCK_NB);
    } while (result == -Errno.EINTR.number());
    if (result == -Errno.EAGAIN.number()) {
      return false;
    }
    checked("flock", result);
    return true;
  }

  @Override
  @SuppressWarnings("restricted") // the address and the length are what mmap has granted
  public MemorySegment map(long bytes, Arena arena) throws IOException {
    long address = LibC.mmap(bytes, PROT_READ, MAP_SHARED, fd);
    if (address < 0 && address >= -StoreLayout.HEADER_BYTES) {
      throw new FailedCall("mmap", (int) -address);
    }
    return MemorySegment.ofAddress(address)
        .reinterpret(bytes, arena, unmapped -> LibC.munmap(address, bytes))
        .asReadOnly();
  }

  @Override
  public boolean populate(MemorySegment part) throws IOException {
    if (isInMemory(part)) {
      return true;
    }
    int result;
    do {
      result = LibC.madvise(part, MADV_POPULATE_READ);
    } while (result == -Errno.EINTR.number() || result == -Errno.EAGAIN.number());
    if (result == -Errno.EINVAL.number()) {
      return false; // before Linux 5.14
    }
    checked("madvise", result);
    return true;
  }

  /** Whether the system has all of it in memory: to ask costs a fraction of bringing it there. */
  static boolean isInMemory(MemorySegment part) {
    MemorySegment answers = Scratch.mine().answers;
    long pages = part.byteSize() / SYSTEM_PAGE;
    if (pages > answers.byteSize() || LibC.mincore(part, answers) < 0) {
      return false;
    }
    for (long page = 0; page < pages; page++) {
      if ((answers.get(ValueLayout.JAVA_BYTE, page) & 1) == 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean cloneOf(StoreFile other) throws IOException {
    if (!(other instanceof NativeFile from)) {
      return false;
    }
    int result = -LibC.ioctl(fd, FICLONE, (long) from.fd);
    if (result == ENOTTY
        || result == EXDEV
        || result == Errno.EOPNOTSUPP.number()
        || result == Errno.EINVAL.number()
        || result == Errno.ENOSYS.number()) {
      return false;
    }
    checked("ioctl(FICLONE)", -result);
    return true;
  }

  /** Unlocks first: mappings and children keep the open file, and with it the lock, a while. */
  @Override
  public void close() {
    LibC.flock(fd, LOCK_UN);
    LibC.close(fd);
  }
}
