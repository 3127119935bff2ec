// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What a {@link FileStore} asks of its file.
 *
 * <p>Thread safety: all methods but {@link #close} may be called from any thread; what is written
 * by one thread is read by another that was told of it. Nothing is called during or after {@code
 * close}.
 */
interface StoreFile extends AutoCloseable {
  /** What became of a file's name. */
  enum Name {
    /** It is the file's. */
    ITS_OWN,
    /** It is another file's, or not there; the file has another name. */
    ANOTHERS,
    /** The file has no name at all, and goes when it is closed. */
    NONE
  }

  /** A call of the system that failed. */
  final class FailedCall extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    FailedCall(String function, int errno) {
      super(function + " failed with " + FileSentences.name(errno));
      this.errno = errno;
    }

    int errno() {
      return errno;
    }
  }

  /**
   * Fills native memory with what lies at an offset.
   *
   * @throws EOFException if the file ends before
   */
  void read(long offset, MemorySegment into) throws IOException;

  /** Writes native memory at an offset. If this fails, a part of it may have been written. */
  void write(long offset, MemorySegment from) throws IOException;

  /** Returns when all that was written before lasts. */
  void force() throws IOException;

  /** Returns when the file's name lasts. */
  void forceName() throws IOException;

  long size() throws IOException;

  /**
   * Which file it is, in words that no copy of it has, nor another file that has its name later.
   * Empty if the file system does not tell for sure.
   */
  String mark() throws IOException;

  /** Whether the name by which it was opened is still its own. */
  Name name() throws IOException;

  /** Makes the file this long; what is new is zeros, and takes no room. */
  void resize(long bytes) throws IOException;

  /**
   * The first offset from this one on at which the file has room; its size if it has none behind.
   */
  long nextData(long offset) throws IOException;

  /** Takes the file for this writer; false if another one has it. */
  boolean lock() throws IOException;

  /** Maps the first bytes to be read, until the arena is closed. */
  MemorySegment map(long bytes, Arena arena) throws IOException;

  /**
   * Brings a part of the mapping into memory, so that it can be read without a fault.
   *
   * @return false if the system cannot be asked for that
   */
  boolean populate(MemorySegment part) throws IOException;

  /**
   * Makes this empty file a copy of another one, with which it shares its blocks.
   *
   * @return false if the file system cannot do that
   */
  boolean cloneOf(StoreFile other) throws IOException;

  /** Gives the file up for other writers. */
  @Override
  void close();
}
