// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import dev.memremap.pager.internal.event.Recorded;
import dev.memremap.pager.internal.process.PagerProcess;
import dev.memremap.pager.internal.process.SharedFiles;
import dev.memremap.pager.internal.state.Settings;
import dev.memremap.pager.internal.state.StateFile;
import dev.memremap.pager.internal.state.StateFile.Phase;
import dev.memremap.pager.internal.sys.Descriptor;
import dev.memremap.pager.internal.sys.SyscallException;
import dev.memremap.pager.internal.sys.Syscalls;
import dev.memremap.pager.internal.sys.Userfault;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What the application holds of a remote memory: the mapping, the state of its pages, and
 * descriptors of its own, so that a fault waits rather than reads zeros when no worker lives.
 *
 * @param segment the memory
 * @param mapping whose closing unmaps it
 * @param state the state of its pages
 * @param scope which faults are served
 * @param held what is given back at the end, the last first
 */
record OpenedMemory(
    MemorySegment segment,
    Arena mapping,
    StateFile state,
    Userfault.Scope scope,
    Deque<Runnable> held) {
  private static final long LOOK_NANOS = 1_000_000;
  private static final int PATIENCE_SECONDS = 30;

  /**
   * Makes the memory, starts its guardian, and returns when its faults are served.
   *
   * @throws RemoteMemoryException if it cannot be had; nothing is left then
   */
  static OpenedMemory open(Syscalls calls, Settings settings) {
    Deque<Runnable> held = new ArrayDeque<>();
    held.push(() -> deleteFolder(settings.folder()));
    try {
      Userfault userfault = userfault(calls, settings);
      held.push(userfault::close);
      OpenedMemory opened = map(calls, settings, userfault, held);
      return opened;
    } catch (IOException e) {
      giveBack(held);
      throw new RemoteMemoryException(settings.store(), -1, String.valueOf(e.getMessage()), e);
    } catch (RuntimeException | Error e) {
      giveBack(held);
      throw e;
    }
  }

  private static Userfault userfault(Syscalls calls, Settings settings) {
    try {
      Userfault userfault = Userfault.open(calls);
      if (settings.poisons() && !userfault.poisons()) {
        userfault.close();
        throw new RemoteMemoryException(
            settings.store(),
            -1,
            "this kernel cannot poison pages, which OnOutage.FAIL needs and Linux can since 6.6; open the memory with onOutage(OnOutage.WAIT), and read there what that means",
            null);
      }
      return userfault;
    } catch (SyscallException e) {
      throw new RemoteMemoryException(settings.store(), -1, Userfault.refusal(e), e);
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // closed by what is held
  private static OpenedMemory map(
      Syscalls calls, Settings settings, Userfault userfault, Deque<Runnable> held)
      throws IOException {
    Descriptor memory = Descriptor.memfd(calls, "remote-memory", settings.bytes());
    held.push(memory::close);
    Descriptor pages = Descriptor.memfd(calls, "remote-pages", StateFile.bytes(settings.pages()));
    held.push(pages::close);
    Arena mapping = Arena.ofShared();
    held.push(() -> close(mapping));
    MemorySegment segment = memory.map(settings.bytes(), mapping);
    userfault.register(segment);
    Arena others = Arena.ofShared();
    held.push(others::close);
    ProcessHandle self = ProcessHandle.current();
    long start = self.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    StateFile state = StateFile.make(pages, others, settings, segment.address(), self.pid(), start);
    state.held(userfault.file().number(), memory.number());
    Process guardian =
        PagerProcess.guardian(calls, settings, new SharedFiles(userfault.file(), memory, pages));
    try {
      await(state, guardian, settings);
    } catch (RuntimeException e) {
      awaitEnd(guardian); // it has files in the folder that is about to be deleted
      throw e;
    }
    held.push(Recorded.begin(state)::close);
    return new OpenedMemory(segment, mapping, state, userfault.scope(), held);
  }

  private static void await(StateFile state, Process guardian, Settings settings) {
    try (Pause pause = new Pause()) {
      while (state.phase() == Phase.OPENING) {
        if (!guardian.isAlive()) {
          throw new RemoteMemoryException(
              settings.store(),
              -1,
              "the pager's guardian ended at its start, with status %d; its own words are on standard error"
                  .formatted(guardian.exitValue()),
              null);
        }
        pause.nanos(LOOK_NANOS);
      }
    }
    if (state.phase() == Phase.FAILED) {
      throw new RemoteMemoryException(settings.store(), -1, state.failure(), null);
    }
  }

  private static void awaitEnd(Process guardian) {
    try {
      if (!guardian.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        guardian.destroyForcibly();
      }
    } catch (InterruptedException e) {
      guardian.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private static void close(Arena mapping) {
    if (mapping.scope().isAlive()) {
      mapping.close();
    }
  }

  private static void deleteFolder(Path folder) {
    try (Stream<Path> sockets = Files.list(folder)) {
      for (Path each : sockets.toList()) {
        Files.deleteIfExists(each);
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // the worker has deleted it; or what is left there is empty
    }
  }

  /** Gives everything back. */
  void giveBack() {
    giveBack(held);
  }

  private static void giveBack(Deque<Runnable> held) {
    while (!held.isEmpty()) {
      held.pop().run();
    }
  }
}
