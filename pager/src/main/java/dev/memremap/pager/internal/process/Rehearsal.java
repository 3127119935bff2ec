// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.process;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.memremap.pager.internal.fault.PreparedPager;
import dev.memremap.pager.internal.fault.RunningPager;
import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.state.Settings;
import dev.memremap.pager.internal.state.StateFile;
import dev.memremap.pager.internal.sys.Descriptor;
import dev.memremap.pager.internal.sys.Syscalls;
import dev.memremap.pager.internal.sys.Userfault;
import dev.memremap.pager.store.FileStore;
import dev.memremap.pager.store.PageStore;
import dev.memremap.pager.store.StoreLocation;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A standby pages a small memory of its own, from a small store, before it is needed: so its
 * classes are loaded and its code has run when a thread of the application waits for it. Without
 * that, a third of a second goes by until it has served a fault. Then it has the memory's own store
 * prepared.
 *
 * <p>It begins a moment after the standby, so that memories which are soon closed do without. What
 * goes wrong in it is left so: it is the same as no rehearsal.
 *
 * <p>Thread safety: one thread's, and those of its pager.
 */
final class Rehearsal implements Runnable {
  private static final long AFTER_MILLIS = 1_000;
  private static final long LONGEST_MILLIS = 10_000;
  private static final int PAGES = 64;
  private static final int RESIDENT = 16;
  private static final int ROUNDS = 20;

  private final Syscalls calls;
  private final Settings settings;

  Rehearsal(Syscalls calls, Settings settings) {
    this.calls = calls;
    this.settings = settings;
  }

  @Override
  public void run() {
    Path file = settings.folder().resolve("rehearsal-" + ProcessHandle.current().pid());
    try {
      Thread.sleep(AFTER_MILLIS);
      rehearse(file);
      StoreLocation.of(settings.store()).prepare();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException | LinkageError e) {
      // it has none yet
    } finally {
      delete(file);
    }
  }

  /**
   * Pages a memory. Its mapping stays, and a thread that waits for faults of it: closing what it
   * waits at does not wake it.
   *
   * @return how many faults were served
   */
  @SuppressWarnings("MustBeClosedChecker")
  long rehearse(Path file) throws IOException, InterruptedException {
    int pageBytes = settings.pageBytes();
    long bytes = (long) PAGES * pageBytes;
    Settings own = settings(file, bytes);
    Descriptor memory = Descriptor.memfd(calls, "rehearsal", bytes);
    MemorySegment segment = memory.map(bytes, Arena.global());
    Userfault userfault = Userfault.open(calls);
    userfault.register(segment);
    Descriptor states = Descriptor.memfd(calls, "rehearsal-state", StateFile.bytes(PAGES));
    StateFile state = StateFile.make(states, Arena.global(), own, segment.address(), 0, 0);
    try (PageStore store = FileStore.at(file).open(PAGES, pageBytes)) {
      RunningPager pager =
          new PreparedPager(state, userfault.file(), memory, states)
              .begin(store, true, ignored -> {});
      Thread toucher = Thread.ofPlatform().daemon().start(() -> touch(segment, pageBytes));
      toucher.join(LONGEST_MILLIS);
      pager.end();
      return state.get(Counter.FAULTS);
    }
  }

  private Settings settings(Path file, long bytes) {
    return new Settings(
        FileStore.at(file).uri(),
        bytes,
        settings.pageBytes(),
        (long) RESIDENT * settings.pageBytes(),
        Duration.ofMillis(LONGEST_MILLIS),
        false,
        false,
        settings.folder(),
        settings.classPath(),
        settings.workerMain(),
        settings.owner());
  }

  /**
   * Writes to each page, again and again, by native code: a thread that waits in Java code would
   * keep its JVM from a safepoint, and with it the one that serves the fault.
   */
  @SuppressWarnings("restricted") // memset writes to memory that it is given
  private static void touch(MemorySegment segment, int pageBytes) {
    Linker linker = Linker.nativeLinker();
    MethodHandle memset =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("memset"),
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG));
    try {
      for (int i = 0; i < ROUNDS * PAGES; i++) {
        long address = segment.address() + (long) (i % PAGES) * pageBytes;
        long written = (long) memset.invokeExact(address, i, 1L);
        assert written == address;
      }
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // the folder goes when the memory is closed
    }
  }
}
