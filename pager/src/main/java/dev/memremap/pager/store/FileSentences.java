// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import dev.memremap.pager.store.StoreException.Kind;
import dev.memremap.rule.Errno;
import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The sentences of a {@link FileStore}: what is wrong with which file, and what to do. */
final class FileSentences {
  private FileSentences() {}

  /** The name of an error number. */
  static String name(int errno) {
    return Errno.of(errno).map(Errno::name).orElse("errno " + errno);
  }

  private static Optional<Errno> errno(IOException e) {
    return e instanceof StoreFile.FailedCall call ? Errno.of(call.errno()) : Optional.empty();
  }

  /** The file cannot be opened or made. */
  static StoreException opening(Path path, IOException e) {
    Errno errno = errno(e).orElse(Errno.EIO);
    return switch (errno) {
      case ENOENT, ENOTDIR -> missing(path, e);
      case EISDIR -> StoreException.of(Kind.UNFIT, path + " is a folder; name a file in it", e);
      case EACCES, EPERM ->
          StoreException.of(
              Kind.OUTAGE,
              "%s may not be opened to read and write; permit it to this user".formatted(path),
              e);
      case EROFS ->
          StoreException.of(
              Kind.OUTAGE,
              "%s lies in a file system that is mounted read-only; mount it to write, or name a"
                      .formatted(path)
                  + " file elsewhere",
              e);
      default -> failed("%s cannot be opened".formatted(path), path, e);
    };
  }

  /** What is missing can be the file alone, or a folder before it. */
  private static StoreException missing(Path path, IOException e) {
    Path folder = path.getParent();
    if (folder == null || Files.isDirectory(folder)) {
      return StoreException.of(
          Kind.UNFIT, "no store is at %s; name the file of one".formatted(path), e);
    }
    return StoreException.of(
        Kind.OUTAGE,
        Files.exists(folder)
            ? "%s: %s is a file, and no folder; name a file in a folder".formatted(path, folder)
            : "%s: the folder %s does not exist; make it first".formatted(path, folder),
        e);
  }

  /** A device, a pipe or the like. */
  static StoreException notRegular(Path path) {
    return StoreException.of(Kind.UNFIT, path + " is not a regular file; name another one", null);
  }

  /** A file of this many bytes cannot be had. */
  static StoreException making(Path path, StoreLayout layout, IOException e) {
    if (errno(e).filter(Errno.EFBIG::equals).isPresent()) {
      return StoreException.of(
          Kind.UNFIT,
          "%s: its file system does not hold a file of %,d bytes, which a store of %s takes; name a"
                  .formatted(path, layout.bytes(), layout.geometry())
              + " file in another one, or make a smaller store",
          e);
    }
    if (errno(e).filter(Errno.EINVAL::equals).isPresent()) {
      return StoreException.of(
          Kind.UNFIT,
          "%s is a file that cannot be made larger, such as one of /proc; name another one"
              .formatted(path),
          e);
    }
    return failed("%s cannot be made".formatted(path), path, e);
  }

  /** A call failed while a page was written. */
  static StoreException writing(Path path, long first, int count, IOException e) {
    String pages =
        count == 1
            ? "page %d".formatted(first)
            : "pages %d to %d".formatted(first, first + count - 1);
    return ofPage(first, failed("%s: %s not written".formatted(path, pages), path, e));
  }

  /** A call failed while a page was read. */
  static StoreException reading(Path path, long page, IOException e) {
    if (e instanceof EOFException) {
      return StoreException.ofPage(
          Kind.DAMAGED,
          page,
          "%s was cut short while it was open: page %d lies behind its end; put a whole copy in its"
                  .formatted(path, page)
              + " place",
          e);
    }
    return ofPage(page, failed("%s: page %d not read".formatted(path, page), path, e));
  }

  private static StoreException ofPage(long page, StoreException e) {
    return StoreException.ofPage(e.kind(), page, String.valueOf(e.getMessage()), e.getCause());
  }

  /** A call failed otherwise. */
  static StoreException failed(String what, Path path, IOException e) {
    String why =
        switch (errno(e).orElse(Errno.EIO)) {
          case ENOSPC -> "the disk is full; free room on that of " + path.getParent();
          case EDQUOT -> "this user's quota is used up; free room, or raise it";
          case EMFILE, ENFILE -> "too many files are open; raise the limit (ulimit -n)";
          case ENOMEM -> "the system has no more memory to give";
          case EFBIG -> "its file system does not hold so large a file";
          default -> "%s; look at the disk".formatted(why(e));
        };
    return StoreException.of(Kind.OUTAGE, what + ": " + why, e);
  }

  private static String why(IOException e) {
    return String.valueOf(e.getMessage());
  }

  /**
   * Another process has the store. That is a remote memory's worker as a rule: if it were ended,
   * its standby would go on, so the program that it serves is what has to end.
   */
  static StoreException taken(Path path, long process) {
    String who = process > 0 ? "process " + process : "another process";
    String status = "memremap pager status" + (process > 0 ? " " + process : "");
    return StoreException.of(
        Kind.TAKEN,
        "%s: %s has it; a store has one writer at a time: name another file, or end that process; if it is one of a remote memory, end the program that it serves instead, which '%s' shows"
            .formatted(path, who, status),
        null);
  }

  /** Another process took the store although this one has it locked. */
  static StoreException lost(Path path, long process) {
    return StoreException.of(
        Kind.TAKEN,
        "%s: process %d took it while this one had it; nothing more is written from here"
            .formatted(path, process),
        null);
  }

  static StoreException foreign(Path path) {
    return StoreException.of(
        Kind.UNFIT,
        "%s does not begin as a store of pages does, and was left as it is; name another file"
            .formatted(path),
        null);
  }

  static StoreException ofVersion(Path path, int version) {
    return StoreException.of(
        Kind.UNFIT,
        "%s has version %d of the layout, and this program knows version %d; open it with the"
                .formatted(path, version, StoreHeader.VERSION)
            + " program that made it",
        null);
  }

  static StoreException damagedHeader(Path path) {
    return StoreException.of(
        Kind.DAMAGED,
        "%s: both copies of its header are damaged; put a copy of the file in its place"
            .formatted(path),
        null);
  }

  static StoreException otherGeometry(Path path, StoreGeometry has, StoreGeometry wanted) {
    return StoreException.of(
        Kind.UNFIT,
        "%s has %s, not %s; open it with its own size, or name another file"
            .formatted(path, has, wanted),
        null);
  }

  /** A copy that is not finished is opened as a store. */
  static StoreException unfinished(Path path, String of) {
    return StoreException.of(
        Kind.UNFIT,
        "%s is a copy of %s that is not finished; 'memremap pager copy' with both goes on with it"
            .formatted(path, named(of)),
        null);
  }

  private static String named(String of) {
    return of.isEmpty() ? "another store" : of;
  }

  /** What is there may not be replaced by a copy. */
  static StoreException notReplaced(Path path, URI wanted, boolean isUnfinished, String of) {
    return StoreException.of(
        Kind.UNFIT,
        isUnfinished
            ? "%s is a copy of %s that is not finished, and not of %s; --replace makes it one, or name another file"
                .formatted(path, named(of), wanted)
            : "%s is a store already; --replace makes it a copy of %s, or name another file"
                .formatted(path, wanted),
        null);
  }

  static StoreException cutShort(Path path, long bytes, StoreLayout layout) {
    return StoreException.of(
        Kind.DAMAGED,
        "%s was cut short: it has %,d of its %,d bytes; put a whole copy in its place"
            .formatted(path, bytes, layout.bytes()),
        null);
  }

  static StoreException damaged(Path path, long page, String what) {
    return StoreException.ofPage(
        Kind.DAMAGED,
        page,
        "%s: %s of page %d is not what was written; write the page anew, or take it from a copy,"
                .formatted(path, what, page)
            + " and look at the disk",
        null);
  }

  static StoreException leasesUsedUp(Path path) {
    return StoreException.of(
        Kind.UNFIT,
        "%s was opened eight million times, as often as can be; make a snapshot and use that"
            .formatted(path),
        null);
  }

  /** A copy of a store cannot be made. */
  static StoreException copying(Path path, Path to, IOException e) {
    if (e instanceof FileAlreadyExistsException) {
      return StoreException.of(
          Kind.UNFIT, "%s exists already; give the snapshot another name".formatted(to), e);
    }
    return failed("%s: its snapshot %s cannot be made".formatted(path, to.getFileName()), path, e);
  }
}
