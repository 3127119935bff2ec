// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.state;

import dev.memremap.pager.internal.sys.Descriptor;
import dev.memremap.pager.internal.sys.SyscallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;

/**
 * The state of a remote memory and of each of its pages, in a file without a name that each of its
 * processes maps. It lasts as long as one of them lives.
 *
 * <pre>
 *   0      magic, version
 *   16     where the memory is mapped, the application's process, its start
 *   40     the application's descriptors of the userfaultfd and of the memory
 *   64     phase, worker, guardian, standby
 *   256    counters, 8 bytes each
 *   4096   length of the settings, settings
 *   1 MiB - 12288  mark of the store
 *   1 MiB - 8192  why the memory could not be opened
 *   1 MiB  a byte for each page
 * </pre>
 *
 * <p>Thread safety: bytes of pages are changed by the worker alone: the lock of its pager guards
 * them, and a page's byte belongs to the thread that made it busy. Counters are added to by one
 * instruction, and raised by a compare-and-set. Others read both at any time. The header is written
 * before the file is handed to another process, but for the phase and the processes, which are
 * volatile, and the mark and the failure, which are written before the phase that says so.
 */
@SuppressWarnings("EnumOrdinal") // all processes of a memory have one version of each enum
public final class StateFile {
  /** Where the processes of a remote memory hold their locks: that of the worker. */
  public static final long WORKER_LOCK = 0;

  /** The guardian's lock. */
  public static final long GUARDIAN_LOCK = 1;

  private static final long MAGIC = 0x4d52504147455231L;
  private static final int VERSION = 2;
  private static final long BASE = 16;
  private static final long APPLICATION = 24;
  private static final long APPLICATION_START = 32;
  private static final long USERFAULT = 40;
  private static final long MEMORY = 44;
  private static final long PHASE = 64;
  private static final long PROCESSES = 72;
  private static final long COUNTERS = 256;
  private static final long SETTINGS_LENGTH = 4096;
  private static final long SETTINGS = SETTINGS_LENGTH + 8;
  private static final long FAILURE_LENGTH = (1 << 20) - 8192;
  private static final int FAILURE_MOST = 4096;
  private static final long MARK_LENGTH = (1 << 20) - 12288;
  private static final int MARK_MOST = 4000;
  private static final long HEADER_BYTES = 1 << 20;
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();

  /** What a remote memory is doing. */
  public enum Phase {
    /** It is being made. */
    OPENING,
    /** Its pages are served. */
    OPEN,
    /** The application has closed it, and all is in the store. */
    CLOSED,
    /** It could not be opened. */
    FAILED
  }

  /** A process beside the application. */
  public enum Role {
    /** Serves the faults. */
    WORKER,
    /** Starts workers, and keeps what they need. */
    GUARDIAN,
    /** Waits to become the worker. */
    STANDBY
  }

  private final MemorySegment all;

  private StateFile(MemorySegment all) {
    this.all = all;
  }

  /** Returns how many bytes the file of so many pages has. */
  public static long bytes(int pages) {
    return HEADER_BYTES + pages;
  }

  /**
   * Makes one.
   *
   * @param base where the application has mapped the memory
   * @throws IllegalArgumentException if the settings are too long, as a class path can be
   */
  public static StateFile make(
      Descriptor file, Arena arena, Settings settings, long base, long pid, long start)
      throws SyscallException {
    byte[] text = settings.toBytes();
    if (SETTINGS + text.length > MARK_LENGTH) {
      throw new IllegalArgumentException(
          "the class path and the other settings of a remote memory have %d bytes, and there is room for %d"
              .formatted(text.length, MARK_LENGTH - SETTINGS));
    }
    MemorySegment all = file.map(bytes(settings.pages()), arena);
    all.set(ValueLayout.JAVA_LONG, 0, MAGIC);
    all.set(ValueLayout.JAVA_INT, 8, VERSION);
    all.set(ValueLayout.JAVA_LONG, BASE, base);
    all.set(ValueLayout.JAVA_LONG, APPLICATION, pid);
    all.set(ValueLayout.JAVA_LONG, APPLICATION_START, start);
    all.set(ValueLayout.JAVA_LONG, SETTINGS_LENGTH, text.length);
    MemorySegment.copy(text, 0, all, ValueLayout.JAVA_BYTE, SETTINGS, text.length);
    return new StateFile(all);
  }

  /** Maps one that another process has made. */
  public static StateFile map(Descriptor file, Arena arena) throws SyscallException {
    return of(file, arena, false);
  }

  /** Maps one that another process has made, to look at it alone. */
  public static StateFile look(Descriptor file, Arena arena) throws SyscallException {
    return of(file, arena, true);
  }

  private static StateFile of(Descriptor file, Arena arena, boolean looks) throws SyscallException {
    Settings settings;
    try (Arena first = Arena.ofConfined()) {
      MemorySegment header = file.mapToRead(HEADER_BYTES, first);
      if (header.get(ValueLayout.JAVA_LONG, 0) != MAGIC
          || header.get(ValueLayout.JAVA_INT, 8) != VERSION) {
        throw new IllegalStateException(
            file.what() + " is not the state of a remote memory of this version");
      }
      settings = new StateFile(header).settings();
    }
    long bytes = bytes(settings.pages());
    return new StateFile(looks ? file.mapToRead(bytes, arena) : file.map(bytes, arena));
  }

  /** Returns what the memory was opened with. */
  public Settings settings() {
    int length = Math.toIntExact(all.get(ValueLayout.JAVA_LONG, SETTINGS_LENGTH));
    return Settings.of(all.asSlice(SETTINGS, length).toArray(ValueLayout.JAVA_BYTE));
  }

  /** Returns where the application has mapped the memory. */
  public long base() {
    return all.get(ValueLayout.JAVA_LONG, BASE);
  }

  /** Returns the application's process. */
  public long application() {
    return all.get(ValueLayout.JAVA_LONG, APPLICATION);
  }

  /** Returns when the application was started: milliseconds since 1970; 0 if that is not known. */
  public long applicationStart() {
    return all.get(ValueLayout.JAVA_LONG, APPLICATION_START);
  }

  /**
   * Says which descriptors the application holds, so that another process takes copies of them when
   * no process of the pager is left.
   */
  public void held(int userfault, int memory) {
    all.set(ValueLayout.JAVA_INT, USERFAULT, userfault);
    all.set(ValueLayout.JAVA_INT, MEMORY, memory);
  }

  /** Returns the number of the userfaultfd in the application. */
  public int heldUserfault() {
    return all.get(ValueLayout.JAVA_INT, USERFAULT);
  }

  /** Returns the number of the memory's file in the application. */
  public int heldMemory() {
    return all.get(ValueLayout.JAVA_INT, MEMORY);
  }

  /** Returns what the memory is doing. */
  public Phase phase() {
    return Phase.values()[(int) (long) LONG.getVolatile(all, PHASE)];
  }

  /** Says what the memory is doing. */
  public void phase(Phase phase) {
    LONG.setVolatile(all, PHASE, (long) phase.ordinal());
  }

  /** Says that the memory cannot be opened, and why. */
  public void fail(String sentence) {
    byte[] text = sentence.getBytes(StandardCharsets.UTF_8);
    text(FAILURE_LENGTH, text, Math.min(text.length, FAILURE_MOST));
    phase(Phase.FAILED);
  }

  /** Returns why the memory could not be opened. */
  public String failure() {
    return text(FAILURE_LENGTH);
  }

  /**
   * Notes what tells the store from a copy of it. It has to be noted before the memory is {@link
   * Phase#OPEN}: each worker that takes over after that relies on it.
   *
   * @throws IllegalArgumentException if it is too long
   */
  public void mark(String mark) {
    byte[] text = mark.getBytes(StandardCharsets.UTF_8);
    if (text.length > MARK_MOST) {
      throw new IllegalArgumentException(
          "the store's mark has %,d bytes, and there is room for %,d; give a shorter one"
              .formatted(text.length, MARK_MOST));
    }
    text(MARK_LENGTH, text, text.length);
  }

  /** Returns what tells the store from a copy of it. */
  public String mark() {
    return text(MARK_LENGTH);
  }

  private void text(long at, byte[] text, int length) {
    MemorySegment.copy(text, 0, all, ValueLayout.JAVA_BYTE, at + 8, length);
    all.set(ValueLayout.JAVA_LONG, at, length);
  }

  private String text(long at) {
    int length = Math.toIntExact(all.get(ValueLayout.JAVA_LONG, at));
    byte[] text = all.asSlice(at + 8, length).toArray(ValueLayout.JAVA_BYTE);
    return new String(text, StandardCharsets.UTF_8);
  }

  /** Returns the process that has a role; 0 if none had it yet. */
  public long process(Role role) {
    return (long) LONG.getVolatile(all, PROCESSES + 8L * role.ordinal());
  }

  /** Says which process has a role. */
  public void process(Role role, long pid) {
    LONG.setVolatile(all, PROCESSES + 8L * role.ordinal(), pid);
  }

  /** Returns a figure. */
  public long get(Counter counter) {
    return (long) LONG.getVolatile(all, COUNTERS + 8L * counter.ordinal());
  }

  /** Adds to a figure. */
  public void add(Counter counter, long more) {
    LONG.getAndAdd(all, COUNTERS + 8L * counter.ordinal(), more);
  }

  /** Sets a figure to a value that is larger. */
  public void raise(Counter counter, long value) {
    long at = COUNTERS + 8L * counter.ordinal();
    long before = get(counter);
    while (before < value) {
      long seen = (long) LONG.compareAndExchange(all, at, before, value);
      if (seen == before) {
        return;
      }
      before = seen;
    }
  }

  /** Sets a figure. */
  public void set(Counter counter, long value) {
    LONG.setRelease(all, COUNTERS + 8L * counter.ordinal(), value);
  }

  /** Returns the state of a page: bits of {@link PageState}. */
  public int page(int page) {
    return (byte) BYTE.getAcquire(all, HEADER_BYTES + page) & 0xff;
  }

  /** Sets the state of a page. */
  public void page(int page, int state) {
    BYTE.setRelease(all, HEADER_BYTES + page, (byte) state);
  }

  /** Returns where in the file the byte of a page is. */
  public static long offset(int page) {
    return HEADER_BYTES + page;
  }

  /** Returns the page whose byte is there; negative in the header. */
  public static long pageAt(long offset) {
    return offset - HEADER_BYTES;
  }
}
