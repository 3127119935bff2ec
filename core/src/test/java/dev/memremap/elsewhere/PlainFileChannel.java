// SPDX-License-Identifier: Apache-2.0
package dev.memremap.elsewhere;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/** A channel of the operating system that refuses to lock. */
final class PlainFileChannel extends FileChannel {
  private final FileChannel real;

  /** What goes when this is closed, or null. */
  private final Path deleted;

  PlainFileChannel(FileChannel real, Path deleted) {
    this.real = real;
    this.deleted = deleted;
  }

  @FunctionalInterface
  private interface Call<T> {
    T answer() throws IOException;
  }

  /** An interrupt closes the real channel, and this one goes with it. */
  private <T> T through(Call<T> call) throws IOException {
    try {
      return call.answer();
    } finally {
      if (!real.isOpen()) {
        close();
      }
    }
  }

  @Override
  public int read(ByteBuffer bytes) throws IOException {
    return through(() -> real.read(bytes));
  }

  @Override
  public long read(ByteBuffer[] bytes, int offset, int length) throws IOException {
    return through(() -> real.read(bytes, offset, length));
  }

  @Override
  public int read(ByteBuffer bytes, long position) throws IOException {
    return through(() -> real.read(bytes, position));
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    return through(() -> real.write(bytes));
  }

  @Override
  public long write(ByteBuffer[] bytes, int offset, int length) throws IOException {
    return through(() -> real.write(bytes, offset, length));
  }

  @Override
  public int write(ByteBuffer bytes, long position) throws IOException {
    return through(() -> real.write(bytes, position));
  }

  @Override
  public long position() throws IOException {
    return through(real::position);
  }

  @Override
  public FileChannel position(long position) throws IOException {
    through(() -> real.position(position));
    return this;
  }

  @Override
  public long size() throws IOException {
    return through(real::size);
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    through(() -> real.truncate(size));
    return this;
  }

  @Override
  public void force(boolean metaData) throws IOException {
    real.force(metaData);
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
    return through(() -> real.transferTo(position, count, target));
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long position, long count)
      throws IOException {
    return through(() -> real.transferFrom(source, position, count));
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
    return through(() -> real.map(mode, position, size));
  }

  @Override
  public MemorySegment map(MapMode mode, long offset, long size, Arena arena) throws IOException {
    return through(() -> real.map(mode, offset, size, arena));
  }

  @Override
  public FileLock lock(long position, long size, boolean shared) throws IOException {
    throw new IOException("no locks here");
  }

  @Override
  public FileLock tryLock(long position, long size, boolean shared) throws IOException {
    throw new IOException("no locks here");
  }

  @Override
  protected void implCloseChannel() throws IOException {
    real.close();
    if (deleted != null) {
      deleted.getFileSystem().provider().deleteIfExists(deleted);
    }
  }
}
