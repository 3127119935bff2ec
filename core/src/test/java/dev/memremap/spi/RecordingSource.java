// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import dev.memremap.cache.CacheMode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory of this process, to be attached to a machine; for tests. */
public final class RecordingSource implements MemorySource {
  private final MemorySegment segment;
  private final Backing backing;
  private boolean readOnly;

  /** Bytes with this behind them. */
  public RecordingSource(int bytes, Backing backing) {
    this.segment = Arena.ofAuto().allocate(bytes, 4096);
    this.backing = backing;
  }

  /** The bytes themselves, readable and writable. */
  public MemorySegment segment() {
    return segment;
  }

  /** Lets what is mapped from now on be read only, or not. */
  public void readOnly(boolean only) {
    readOnly = only;
  }

  @Override
  public String name() {
    return "recorded bytes";
  }

  @Override
  public long sizeBytes() {
    return segment.byteSize();
  }

  @Override
  public MappedBytes map(long offset, long length, Arena arena) {
    MemorySegment part = segment.asSlice(offset, length);
    return new MappedBytes(readOnly ? part.asReadOnly() : part, CacheMode.WB, backing);
  }

  @Override
  public void close() {}
}
