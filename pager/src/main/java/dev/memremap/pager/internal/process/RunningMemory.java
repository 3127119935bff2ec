// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.process;

import dev.memremap.pager.internal.state.StateFile;
import dev.memremap.pager.internal.state.StateFile.Role;
import dev.memremap.pager.internal.sys.Descriptor;
import dev.memremap.pager.internal.sys.SyscallException;
import dev.memremap.pager.internal.sys.Syscalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A remote memory of another process, found by the files that the process has open, and looked at
 * without a word to it. So it is found, too, when the process stands at a safepoint that a waiting
 * fault holds.
 *
 * <p>Thread safety: all methods may be called from any thread, but for {@link #close}.
 */
public final class RunningMemory implements AutoCloseable {
  private static final Path PROCESSES = Path.of("/proc");
  private static final String STATE = "/memfd:remote-pages";

  private final Syscalls calls;
  private final long holder;
  private final int number;
  private final Arena arena;
  private final Descriptor file;
  private final StateFile state;

  private RunningMemory(
      Syscalls calls, long holder, int number, Arena arena, Descriptor file, StateFile state) {
    this.calls = calls;
    this.holder = holder;
    this.number = number;
    this.arena = arena;
    this.file = file;
    this.state = state;
  }

  /**
   * Finds the memories of a process: the application, or one of those that serve it.
   *
   * @return at least one; each is to be closed
   * @throws UnreachableMemoryException if no process has this number, it has no memory, or this
   *     user may not look at it
   */
  public static List<RunningMemory> of(Syscalls calls, long pid) throws UnreachableMemoryException {
    List<RunningMemory> found = new ArrayList<>();
    boolean isOther = false;
    try {
      for (Path link : states(pid)) {
        try {
          found.add(look(calls, pid, link));
        } catch (SyscallException | RuntimeException | InternalError e) {
          // also what another program calls so
          isOther = true;
        }
      }
    } catch (AccessDeniedException e) {
      throw new UnreachableMemoryException(denied(pid, e.getFile(), isRoot()), e);
    } catch (IOException e) {
      throw new UnreachableMemoryException("no process has the number %d".formatted(pid), e);
    }
    if (found.isEmpty()) {
      throw new UnreachableMemoryException(
          isOther
              ? "process %d has a remote memory of another version of memremap; use the command of that version"
                  .formatted(pid)
              : "process %d has no remote memory".formatted(pid),
          null);
    }
    return found;
  }

  /** Root is refused in a container, or where a security module forbids it. */
  static String denied(long pid, String file, boolean isRoot) {
    return isRoot
        ? "process %d cannot be looked at: the system refuses root to read %s, which takes CAP_SYS_PTRACE; run this outside of the container, or give it that"
            .formatted(pid, file)
        : "process %d belongs to another user, so the system refuses to read %s; run this as that user or as root"
            .formatted(pid, file);
  }

  private static boolean isRoot() {
    try {
      return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException e) {
      return false;
    }
  }

  /** Finds all memories that this user may look at, in the order of their applications' numbers. */
  public static List<RunningMemory> all(Syscalls calls) {
    List<RunningMemory> found = new ArrayList<>();
    Set<Object> seen = new HashSet<>();
    for (long pid : processes()) {
      try {
        for (Path link : states(pid)) {
          if (seen.add(Files.getAttribute(link, "unix:ino"))) {
            found.add(look(calls, pid, link));
          }
        }
      } catch (IOException | RuntimeException | InternalError e) {
        // it has ended, is another user's, or is of another version
      }
    }
    found.sort(Comparator.comparingLong(memory -> memory.state.application()));
    return found;
  }

  private static List<Long> processes() {
    List<Long> all = new ArrayList<>();
    try (DirectoryStream<Path> each = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
      each.forEach(process -> all.add(Long.parseLong(process.getFileName().toString())));
    } catch (IOException | DirectoryIteratorException | NumberFormatException e) {
      // what was found until then is there
    }
    return all;
  }

  /** Its descriptors of states, one for each: a worker has a second one, for its lock. */
  private static List<Path> states(long pid) throws IOException {
    List<Path> found = new ArrayList<>();
    Set<Object> seen = new HashSet<>();
    try (DirectoryStream<Path> links = Files.newDirectoryStream(folder(pid))) {
      for (Path link : links) {
        if (target(link).startsWith(STATE) && seen.add(Files.getAttribute(link, "unix:ino"))) {
          found.add(link);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return found;
  }

  /** The folder of a process's descriptors. */
  static Path folder(long pid) {
    return PROCESSES.resolve(Long.toString(pid)).resolve("fd");
  }

  /** What is behind a descriptor; empty if it is closed by now. */
  static String target(Path link) throws IOException {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // closed with the memory
  private static RunningMemory look(Syscalls calls, long pid, Path link) throws SyscallException {
    Descriptor file = Descriptor.openToRead(calls, link.toString());
    Arena arena = Arena.ofShared();
    try {
      StateFile state = StateFile.look(file, arena);
      state.phase();
      int number = Integer.parseInt(link.getFileName().toString());
      return new RunningMemory(calls, pid, number, arena, file, state);
    } catch (SyscallException | RuntimeException | Error e) {
      arena.close();
      file.close();
      throw e;
    }
  }

  /** Returns its state, to look at alone. */
  public StateFile state() {
    return state;
  }

  /** Returns the process that it was found in. */
  long holder() {
    return holder;
  }

  /** Returns the number of the state's file in that process. */
  int number() {
    return number;
  }

  Syscalls calls() {
    return calls;
  }

  /** Returns whether a worker has the lock of the one that serves. */
  public boolean isServed() throws SyscallException {
    return file.isLocked(StateFile.WORKER_LOCK);
  }

  /** Returns whether a guardian lives, which starts workers. */
  public boolean isGuarded() throws SyscallException {
    return file.isLocked(StateFile.GUARDIAN_LOCK);
  }

  /** Returns whether the process of a role lives. */
  public boolean lives(Role role) throws SyscallException {
    return switch (role) {
      case WORKER -> isServed();
      case GUARDIAN -> isGuarded();
      case STANDBY -> holdsState(state.process(Role.STANDBY));
    };
  }

  /** Whether a process has this state open, and is not another one that has its number now. */
  private boolean holdsState(long pid) {
    if (pid <= 0) {
      return false;
    }
    try {
      Object mine = Files.getAttribute(Path.of("/proc/self/fd/" + file.number()), "unix:ino");
      for (Path link : states(pid)) {
        if (Files.getAttribute(link, "unix:ino").equals(mine)) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      return false;
    }
  }

  /** Returns whether its application lives. */
  public boolean isApplicationAlive() throws SyscallException {
    try (WatchedProcess application =
        WatchedProcess.of(calls, state.application(), state.applicationStart())) {
      return !application.ended(0);
    }
  }

  @Override
  public void close() {
    arena.close();
    file.close();
  }
}
