// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.process;

import dev.memremap.pager.internal.link.SocketFolder;
import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.state.Settings;
import dev.memremap.pager.internal.state.StateFile;
import dev.memremap.pager.internal.state.StateFile.Phase;
import dev.memremap.pager.internal.state.StateFile.Role;
import dev.memremap.pager.internal.sys.Native;
import dev.memremap.pager.internal.sys.SyscallException;
import dev.memremap.pager.internal.sys.Syscalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Holds what the processes of a remote memory share, and keeps two workers running: one that
 * serves, and one that waits for its lock. The kernel gives the lock to the second when the first
 * has ended, however it ended; so a takeover needs no message, and there are never two that serve.
 * One that has been stopped for too long is ended.
 */
public final class Guardian {
  private static final int LOOK_MILLIS = 200;
  private static final long PAUSE_MILLIS = 500;
  private static final long LONGEST_PAUSE_MILLIS = 10_000;

  /** After so many workers of which none has served a memory, the next one will not. */
  private static final int MOST_IN_VAIN = 8;

  /** Likewise while the memory is opened, and the application waits for that. */
  private static final int MOST_AT_OPEN = 3;

  private final Syscalls calls;
  private final SharedFiles files;
  private final StateFile state;
  private final Settings settings;
  private final Stops workerStops;
  private final Stops standbyStops;
  private @Nullable WatchedProcess started;
  private long lastStart;

  private Guardian(Syscalls calls, SharedFiles files, StateFile state) {
    this.calls = calls;
    this.files = files;
    this.state = state;
    this.settings = state.settings();
    this.workerStops = new Stops(settings.limit().toMillis(), LOOK_MILLIS);
    this.standbyStops = new Stops(settings.limit().toMillis(), LOOK_MILLIS);
  }

  /**
   * Runs a guardian. It ends with the memory; and where no worker can serve, once the application
   * has ended, too, or was told that the memory cannot be opened.
   *
   * @param arguments the socket at which the process that started this one hands over what all
   *     share
   */
  @SuppressWarnings("SystemOut") // standard error is all that a process of the pager has
  public static void main(String... arguments) {
    try {
      Syscalls calls = Native.calls();
      PagerProcess.standApart(calls);
      SharedFiles files = taken(calls, Path.of(arguments[0]));
      if (!files.state().again().lock(StateFile.GUARDIAN_LOCK, false)) {
        System.exit(0); // there is one
      }
      StateFile state = StateFile.map(files.state(), Arena.global());
      state.process(Role.GUARDIAN, ProcessHandle.current().pid());
      new Guardian(calls, files, state).run();
      if (state.phase() == Phase.CLOSED) {
        SocketFolder.delete(state.settings().folder());
      }
      System.exit(0);
    } catch (Throwable e) {
      System.err.println("memremap pager: the guardian ends: " + e);
      System.exit(1);
    }
  }

  private static SharedFiles taken(Syscalls calls, Path socket) throws IOException {
    try {
      return PagerProcess.take(calls, socket);
    } catch (SyscallException e) {
      System.exit(1); // the one that started this has ended, or says so
      throw e;
    }
  }

  private void run() throws IOException, InterruptedException {
    while (isServed()) {
      try (WatchedProcess worker = WatchedProcess.of(calls, state.process(Role.WORKER));
          WatchedProcess standby = WatchedProcess.of(calls, state.process(Role.STANDBY))) {
        int alive = (worker.ended(0) ? 0 : 1) + (standby.ended(0) ? 0 : 1);
        if (alive < 2 && !isStarting()) {
          if (alive == 0 && countStart() > mostInVain() && isWorthless()) {
            return;
          }
          startWorker();
        } else if (worker.ended(LOOK_MILLIS) || alive < 2) {
          Thread.sleep(LOOK_MILLIS / 10);
        } else {
          endStopped(workerStops, Role.WORKER);
          endStopped(standbyStops, Role.STANDBY);
        }
      }
    }
  }

  /** A standby that is stopped could get the lock, and would not serve either. */
  @SuppressWarnings("SystemOut") // standard error is all that a process of the pager has
  private void endStopped(Stops stops, Role role) {
    long pid = state.process(role);
    if (stops.isTooLong(pid)) {
      System.err.printf(
          "memremap pager: process %d has been stopped for as long as a fault may wait, and is ended%n",
          pid);
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  private boolean isServed() {
    return state.phase() == Phase.OPENING || state.phase() == Phase.OPEN;
  }

  /** Whether a worker was started that has neither said that it waits nor ended. */
  private boolean isStarting() throws IOException {
    WatchedProcess last = started;
    if (last == null) {
      return false;
    }
    if (last.ended(0)) {
      last.close();
      started = null;
      return false;
    }
    long pid = startedPid;
    return pid != state.process(Role.WORKER) && pid != state.process(Role.STANDBY);
  }

  private long startedPid;
  private long servedBefore;
  private int inVain;

  /** Counts the workers since one has begun to serve. */
  private int countStart() {
    long served = state.get(Counter.TAKEOVERS) + (state.phase() == Phase.OPENING ? 0 : 1);
    inVain = served == servedBefore ? inVain + 1 : 1;
    servedBefore = served;
    return inVain;
  }

  /** How long after a start the next one is: each says why it failed on standard error. */
  static long pauseMillis(int inVain) {
    int doubled = Math.clamp(inVain - MOST_IN_VAIN, 0, 10);
    return Math.min(PAUSE_MILLIS << doubled, LONGEST_PAUSE_MILLIS);
  }

  private int mostInVain() {
    return state.phase() == Phase.OPENING ? MOST_AT_OPEN : MOST_IN_VAIN;
  }

  /** Whether an application waits for the memory to open, or has ended without closing it. */
  private boolean isWorthless() throws IOException {
    if (state.phase() == Phase.OPENING) {
      state.fail("each worker of the pager ends at its start; its own words are on standard error");
      return true;
    }
    try (WatchedProcess application =
        WatchedProcess.of(calls, state.application(), state.applicationStart())) {
      return application.ended(0);
    }
  }

  private void startWorker() throws InterruptedException {
    long wait = lastStart + pauseMillis(inVain) - System.currentTimeMillis();
    if (lastStart != 0 && wait > 0 && state.process(Role.WORKER) != 0) {
      Thread.sleep(wait); // one that ends at once is not started all the time
    }
    lastStart = System.currentTimeMillis();
    try {
      Process process = PagerProcess.worker(calls, settings, files);
      startedPid = process.pid();
      started = WatchedProcess.of(calls, startedPid);
    } catch (IOException e) {
      if (isServed()) {
        report(e);
      }
    }
  }

  @SuppressWarnings("SystemOut") // standard error is all that a process of the pager has
  private static void report(IOException e) {
    System.err.println("memremap pager: a worker could not be started: " + e.getMessage());
  }
}
