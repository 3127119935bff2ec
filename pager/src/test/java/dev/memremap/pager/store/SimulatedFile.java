// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A file on a disk whose power can be cut: what was forced is on the disk; what was written since
 * is in memory, and any of its sectors may have reached the disk.
 */
class SimulatedFile implements StoreFile, StoreFiles {
  /** The computer has no power any more, or the process is gone. */
  static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Crash() {
      super("crash", null, false, false);
    }
  }

  private static final int SECTOR = 512;

  /** A process that is killed in a call leaves whole pages of the system written. */
  private static final int SYSTEM_PAGE = 4096;

  private record Write(long offset, byte[] bytes) {}

  private final MemorySegment memory; // what a process of this computer sees
  private final MemorySegment disk; // what a power cut leaves in any case
  private final List<Write> unforced = new ArrayList<>();
  private long size;
  private int callsToCrash = Integer.MAX_VALUE;
  private int callsToFailure = Integer.MAX_VALUE;
  private int errno;
  private Runnable duringForce = () -> {};

  /** An empty file that may grow to a size. */
  SimulatedFile(long capacity) {
    this.memory = Arena.ofAuto().allocate(capacity);
    this.disk = Arena.ofAuto().allocate(capacity);
  }

  private SimulatedFile(MemorySegment survived, long size) {
    this(survived, Arena.ofAuto().allocate(survived.byteSize()).copyFrom(survived), size);
  }

  private SimulatedFile(MemorySegment memory, MemorySegment disk, long size) {
    this.memory = memory;
    this.disk = disk;
    this.size = size;
  }

  /** From now on, the call after so many others crashes. */
  final void crashAfter(int calls) {
    callsToCrash = calls;
  }

  /** Done once, after a force began and before it ends; what is written by it is not forced. */
  final void duringNextForce(Runnable action) {
    duringForce = action;
  }

  /** The call after so many others fails, and only that one. */
  final void failAfter(int calls, int error) {
    callsToFailure = calls;
    errno = error;
  }

  /** Whether the call that was to fail was made. */
  final boolean hasFailed() {
    return callsToFailure < 0;
  }

  private boolean crashesNow() {
    return callsToCrash-- == 0;
  }

  private boolean failsNow() {
    return callsToFailure-- == 0;
  }

  private void count(String call) throws FailedCall {
    if (crashesNow()) {
      throw new Crash();
    }
    if (failsNow()) {
      throw new FailedCall(call, errno);
    }
  }

  /** The file as the next process finds it after the power was cut. */
  final SimulatedFile afterPowerCut(RandomGenerator random) {
    MemorySegment survived = Arena.ofAuto().allocate(disk.byteSize()).copyFrom(disk);
    int kind = random.nextInt(4); // most files: all mixtures; some: hardly anything, or nearly all
    for (Write write : unforced) {
      int percent = kind == 0 ? 10 : kind == 1 ? 90 : random.nextInt(3) * 50;
      long end = write.offset + write.bytes.length;
      for (long at = write.offset; at < end; at = (at / SECTOR + 1) * SECTOR) {
        if (random.nextInt(100) < percent) {
          long next = Math.min(end, (at / SECTOR + 1) * SECTOR);
          MemorySegment.copy(
              write.bytes,
              (int) (at - write.offset),
              survived,
              ValueLayout.JAVA_BYTE,
              at,
              (int) (next - at));
        }
      }
    }
    return new SimulatedFile(survived, size);
  }

  /** The file as the next process of the same computer finds it. */
  final SimulatedFile afterKill() {
    SimulatedFile next = new SimulatedFile(memory, disk, size);
    next.unforced.addAll(unforced);
    return next;
  }

  /** What the file holds. */
  final MemorySegment bytes() {
    return memory;
  }

  @Override
  public void read(long offset, MemorySegment into) throws IOException {
    count("read");
    if (offset + into.byteSize() > size) {
      throw new EOFException("the file ends");
    }
    MemorySegment.copy(memory, offset, into, 0, into.byteSize());
  }

  @Override
  public void write(long offset, MemorySegment from) throws IOException {
    boolean crashes = crashesNow();
    boolean fails = failsNow();
    byte[] bytes = from.toArray(ValueLayout.JAVA_BYTE);
    if (crashes || fails) {
      int whole = bytes.length / SYSTEM_PAGE;
      bytes = java.util.Arrays.copyOf(bytes, whole / 2 * SYSTEM_PAGE);
    }
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, offset, bytes.length);
    unforced.add(new Write(offset, bytes));
    size = Math.max(size, offset + bytes.length);
    if (crashes) {
      throw new Crash();
    }
    if (fails) {
      throw new FailedCall("pwrite", errno);
    }
  }

  /** As in Linux: one that fails takes for written what it could not write. */
  @Override
  public void force() throws IOException {
    if (crashesNow()) {
      throw new Crash();
    }
    List<Write> forced = unforced.subList(0, unforced.size());
    int count = forced.size();
    if (failsNow()) {
      forced.clear();
      throw new FailedCall("fdatasync", errno);
    }
    Runnable action = duringForce;
    duringForce = () -> {};
    action.run();
    if (crashesNow()) {
      throw new Crash();
    }
    forced = unforced.subList(0, count);
    for (Write write : forced) {
      MemorySegment.copy(
          write.bytes, 0, disk, ValueLayout.JAVA_BYTE, write.offset, write.bytes.length);
    }
    forced.clear();
  }

  @Override
  public void forceName() throws IOException {
    count("forceName");
  }

  @Override
  public long size() throws IOException {
    return size;
  }

  @Override
  public String mark() throws IOException {
    count("mark");
    return "";
  }

  @Override
  public Name name() throws IOException {
    count("name");
    return Name.ITS_OWN;
  }

  @Override
  public void resize(long bytes) throws IOException {
    count("resize");
    size = bytes;
  }

  @Override
  public long nextData(long offset) throws IOException {
    for (long at = offset; at < size; at++) {
      if (memory.get(ValueLayout.JAVA_BYTE, at) != 0) {
        return at;
      }
    }
    return size;
  }

  @Override
  public boolean lock() throws IOException {
    count("lock");
    return true;
  }

  @Override
  public MemorySegment map(long bytes, Arena arena) throws IOException {
    count("map");
    return memory.asSlice(0, bytes).asReadOnly();
  }

  @Override
  public boolean populate(MemorySegment part) throws IOException {
    count("populate");
    return true;
  }

  @Override
  public boolean cloneOf(StoreFile other) throws IOException {
    return false;
  }

  @Override
  public void close() {}

  @Override
  public StoreFile open(Path path, Mode mode) throws IOException {
    count("open");
    return this;
  }

  @Override
  public void rename(Path from, Path to) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void deleteIfExists(Path path) {
    throw new UnsupportedOperationException();
  }
}
