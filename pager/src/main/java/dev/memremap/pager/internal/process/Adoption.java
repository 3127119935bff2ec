// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.process;

import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.state.Settings;
import dev.memremap.pager.internal.state.StateFile;
import dev.memremap.pager.internal.state.StateFile.Phase;
import dev.memremap.pager.internal.state.StateFile.Role;
import dev.memremap.pager.internal.sys.Descriptor;
import dev.memremap.pager.internal.sys.SyscallException;
import dev.memremap.pager.internal.sys.Syscalls;
import dev.memremap.rule.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Starts a guardian for a memory whose guardian and workers were killed, from outside: descriptors
 * are copied out of the application, and none of its threads is needed, since they may all wait for
 * a page.
 *
 * <p>The new processes belong to the application's user. If root adopts, they are started by
 * setpriv(1) with the application's user and groups: else the application could not reach their
 * sockets, and the store's files would become root's.
 */
public final class Adoption {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long LOOK_NANOS = 2_000_000;
  private static final String MEMORY = "/memfd:remote-memory";
  private static final String USERFAULT = "anon_inode:[userfaultfd]";

  private final RunningMemory memory;
  private final Syscalls calls;
  private final StateFile seen;
  private final Settings settings;

  /** What became of a memory. */
  public sealed interface Outcome {
    /**
     * It is served, or is about to be; nothing was done.
     *
     * @param role a process that lives
     * @param pid its number
     */
    record Lives(Role role, long pid) implements Outcome {}

    /** Its application has closed it; nothing was done. */
    record Ended() implements Outcome {}

    /**
     * A worker serves it again.
     *
     * @param guardian its new guardian
     * @param worker its new worker
     */
    record Adopted(long guardian, long worker) implements Outcome {}
  }

  private Adoption(RunningMemory memory) {
    this.memory = memory;
    this.calls = memory.calls();
    this.seen = memory.state();
    this.settings = seen.settings();
  }

  /**
   * Adopts a memory, and returns when its faults are served.
   *
   * @throws UnreachableMemoryException if that cannot be; the message says what to do
   */
  public static Outcome of(RunningMemory memory) throws UnreachableMemoryException {
    try {
      return new Adoption(memory).run();
    } catch (UnreachableMemoryException e) {
      throw e;
    } catch (IOException e) {
      throw new UnreachableMemoryException(
          "the remote memory of process %d cannot be adopted: %s"
              .formatted(memory.state().application(), e.getMessage()),
          e);
    }
  }

  private Outcome run() throws IOException {
    if (seen.phase() != Phase.OPEN && seen.phase() != Phase.OPENING) {
      return new Outcome.Ended();
    }
    if (memory.isServed()) {
      return new Outcome.Lives(Role.WORKER, seen.process(Role.WORKER));
    }
    if (memory.isGuarded()) {
      return new Outcome.Lives(Role.GUARDIAN, seen.process(Role.GUARDIAN));
    }
    long pid = seen.application();
    if (memory.holder() != pid) {
      throw new UnreachableMemoryException(
          "the remote memory in process %d belongs to a process that calls itself %d, as in a container; run this where it has that number"
              .formatted(memory.holder(), pid),
          null);
    }
    Holder holder = Holder.of(pid);
    try (SharedFiles files = copies(pid);
        Arena arena = Arena.ofConfined()) {
      StateFile state = StateFile.map(files.state(), arena);
      forgetDead(files.state(), state);
      holder.makeFolder(settings.folder());
      try (Meeting meeting = Meeting.with(holder, settings.folder())) {
        Process guardian =
            PagerProcess.guardian(calls, settings, files, holder.surroundings(meeting.folder()));
        return await(guardian, holder);
      }
    }
  }

  private SharedFiles copies(long pid) throws IOException {
    int userfault = seen.heldUserfault();
    int pages = seen.heldMemory();
    require(pid, userfault, USERFAULT);
    require(pid, pages, MEMORY);
    try (Descriptor process = Descriptor.ofProcess(calls, pid)) {
      Descriptor first = process.ofTheirs(userfault, "userfaultfd");
      try {
        Descriptor second = process.ofTheirs(pages, "memfd:memory");
        try {
          return new SharedFiles(first, second, process.ofTheirs(memory.number(), "memfd:state"));
        } catch (SyscallException e) {
          second.close();
          throw e;
        }
      } catch (SyscallException e) {
        first.close();
        throw e;
      }
    } catch (SyscallException e) {
      if (e.is(Errno.EPERM) || e.is(Errno.EACCES)) {
        throw new UnreachableMemoryException(
            "this user may not take descriptors of process %d (kernel.yama.ptrace_scope of 1 or more leaves that to root); run this as root"
                .formatted(pid),
            e);
      }
      throw e;
    }
  }

  private static void require(long pid, int number, String what) throws IOException {
    String found = RunningMemory.target(RunningMemory.folder(pid).resolve("" + number));
    if (!found.startsWith(what)) {
      throw new UnreachableMemoryException(
          "process %d has closed what its remote memory is served by; it has to be ended: kill -9 %1$d"
              .formatted(pid),
          null);
    }
  }

  /**
   * Numbers of processes that have ended may be those of others now, which a guardian would await.
   */
  private static void forgetDead(Descriptor file, StateFile state) throws SyscallException {
    try (Descriptor lock = file.again()) {
      if (lock.lock(StateFile.GUARDIAN_LOCK, false)) {
        state.process(Role.WORKER, 0);
        state.process(Role.STANDBY, 0);
      }
    }
  }

  private Outcome await(Process guardian, Holder holder) throws IOException {
    long takeovers = seen.get(Counter.TAKEOVERS);
    boolean wasOpen = seen.phase() == Phase.OPEN;
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (wasOpen ? seen.get(Counter.TAKEOVERS) == takeovers : seen.phase() == Phase.OPENING) {
      if (!guardian.isAlive() && !memory.isGuarded()) {
        throw new UnreachableMemoryException(
            "the new guardian of process %d ended with status %d; %s"
                .formatted(seen.application(), guardian.exitValue(), holder.errorsAre()),
            null);
      }
      if (System.nanoTime() > until) {
        throw new UnreachableMemoryException(
            "the new guardian of process %d lives, and no worker served within %d s; %s"
                .formatted(seen.application(), PATIENCE.toSeconds(), holder.errorsAre()),
            null);
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
    if (seen.phase() == Phase.FAILED) {
      throw new UnreachableMemoryException(seen.failure(), null);
    }
    return new Outcome.Adopted(seen.process(Role.GUARDIAN), seen.process(Role.WORKER));
  }

  /**
   * Where the new guardian and this process meet: in the memory's folder, or, for another user's,
   * in one of this process, where that user can put nothing in the place of the socket.
   */
  private record Meeting(Path folder, boolean isOwn) implements AutoCloseable {
    static Meeting with(Holder holder, Path folder) throws IOException {
      if (holder.isThisUser()) {
        return new Meeting(folder, false);
      }
      Path made = Files.createTempDirectory("memremap-adopt-");
      Files.setAttribute(made, "unix:mode", 0711);
      return new Meeting(made, true);
    }

    @Override
    public void close() throws IOException {
      if (isOwn) {
        Files.deleteIfExists(folder);
      }
    }
  }
}
