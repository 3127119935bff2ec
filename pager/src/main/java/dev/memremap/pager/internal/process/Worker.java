// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.process;

import dev.memremap.pager.internal.fault.PreparedPager;
import dev.memremap.pager.internal.fault.RunningPager;
import dev.memremap.pager.internal.link.Reply;
import dev.memremap.pager.internal.link.Request;
import dev.memremap.pager.internal.link.RequestServer;
import dev.memremap.pager.internal.link.SocketFolder;
import dev.memremap.pager.internal.state.Settings;
import dev.memremap.pager.internal.state.StateFile;
import dev.memremap.pager.internal.state.StateFile.Phase;
import dev.memremap.pager.internal.state.StateFile.Role;
import dev.memremap.pager.internal.sys.Descriptor;
import dev.memremap.pager.internal.sys.Native;
import dev.memremap.pager.internal.sys.SyscallException;
import dev.memremap.pager.internal.sys.Syscalls;
import dev.memremap.pager.store.StoreException;
import dev.memremap.pager.store.StoreOwner;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Serves the faults of one memory, as soon as no other worker does: it waits for a lock that the
 * kernel takes from a process that ends. When it fails, it ends, and the next one goes on.
 */
public final class Worker {
  /** The socket at which it takes requests, in the folder of the memory. */
  public static final String SOCKET = "worker";

  private static final long LAST_FLUSH_MILLIS = 600_000;
  private static final int LOOK_MILLIS = 1_000;
  private static final long SHORT_MILLIS = 10;
  private static final long PAUSE_MILLIS = 500;

  private final Syscalls calls;
  private final SharedFiles files;
  private final StateFile state;
  private final Settings settings;
  private final PreparedPager prepared;
  private final long pid = ProcessHandle.current().pid();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CompletableFuture<RequestServer> server = new CompletableFuture<>();

  private Worker(Syscalls calls, SharedFiles files) throws SyscallException {
    this.calls = calls;
    this.files = files;
    this.state = StateFile.map(files.state(), Arena.global());
    this.settings = state.settings();
    this.prepared = new PreparedPager(state, files.userfault(), files.memory(), files.state());
  }

  /**
   * Runs a worker.
   *
   * @param arguments the socket at which the guardian hands over what all share
   */
  public static void main(String... arguments) {
    run(Native.calls(), arguments[0]);
  }

  /** Runs a worker that asks the system by these calls. */
  public static void run(Syscalls calls, String socket) {
    try {
      PagerProcess.standApart(calls);
      SharedFiles files;
      try {
        files = PagerProcess.take(calls, Path.of(socket));
      } catch (SyscallException e) {
        end(1); // the memory was closed meanwhile; else the one that started this says so
        return;
      }
      new Worker(calls, files).run();
      end(0);
    } catch (Throwable e) {
      if (Files.exists(Path.of(socket).getParent())) {
        fail(e);
      }
      end(0); // the memory was closed meanwhile
    }
  }

  @SuppressWarnings("SystemOut") // standard error is all that a process of the pager has
  private static void fail(Throwable why) {
    System.err.println("memremap pager: a worker ends, and the next one goes on: " + why);
    for (StackTraceElement frame : why.getStackTrace()) {
      System.err.println("  at " + frame);
    }
    end(1);
  }

  /** Without waiting for threads that wait for faults. */
  private static void end(int status) {
    Runtime.getRuntime().halt(status);
  }

  private void run() throws IOException, InterruptedException {
    Descriptor lock = files.state().again();
    if (!lock.lock(StateFile.WORKER_LOCK, false)) {
      state.process(Role.STANDBY, pid);
      Thread.ofPlatform()
          .name("memremap pager: rehearsal")
          .daemon()
          .start(new Rehearsal(calls, settings));
      lock.lock(StateFile.WORKER_LOCK, true);
    }
    state.process(Role.WORKER, pid);
    if (state.process(Role.STANDBY) == pid) {
      state.process(Role.STANDBY, 0);
    }
    Phase phase = state.phase();
    if (phase == Phase.OPENING || phase == Phase.OPEN) {
      serve(phase == Phase.OPEN);
    } else if (phase == Phase.CLOSED) {
      SocketFolder.delete(settings.folder());
    }
  }

  private void serve(boolean takesOver) throws IOException, InterruptedException {
    StoreOwner owner =
        takesOver
            ? StoreOwner.again(settings.owner(), state.mark())
            : StoreOwner.first(settings.owner());
    LateStore store = new LateStore(settings, owner);
    if (!takesOver) {
      try {
        state.mark(store.opened().mark());
      } catch (StoreException | RuntimeException e) {
        state.fail(String.valueOf(e.getMessage()));
        return;
      }
    }
    RunningPager pager = prepared.begin(store, takesOver, Worker::fail);
    if (takesOver) {
      // also if no page is asked for: else another process could take the store meanwhile
      Thread.ofPlatform().name("memremap pager: opens").daemon().start(() -> open(store));
    }
    server.complete(
        RequestServer.start(settings.folder().resolve(SOCKET), request -> answer(pager, request)));
    state.phase(Phase.OPEN);
    Thread.ofPlatform().name("memremap pager: guardian's end").daemon().start(this::keepGuardian);
    try (WatchedProcess application =
        WatchedProcess.of(calls, state.application(), state.applicationStart())) {
      while (!application.ended(-1)) {
        // a signal
      }
    }
    if (settings.keepsDirty()) {
      pager.flushAfterDeath(LAST_FLUSH_MILLIS);
    }
    close(pager);
  }

  private void open(LateStore store) {
    try {
      while (state.phase() == Phase.OPEN && !isOpened(store)) {
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean isOpened(LateStore store) {
    try {
      store.opened();
      return true;
    } catch (StoreException | RuntimeException e) {
      return false; // a fault that needs it says why
    }
  }

  private Reply answer(RunningPager pager, Request request) {
    boolean ends =
        request.operation() == Request.Operation.CLOSE
            || request.operation() == Request.Operation.ABANDON;
    if (ends && closing.get()) {
      return Reply.done(request);
    }
    Reply reply = pager.answer(request);
    if (ends && reply.isDone() && closing.compareAndSet(false, true)) {
      // the application sees the phase, and unmaps its memory only then
      Thread.ofPlatform().start(() -> closeAndEnd(pager));
    }
    return reply;
  }

  private void closeAndEnd(RunningPager pager) {
    try {
      close(pager);
      end(0);
    } catch (IOException | RuntimeException e) {
      fail(e);
    }
  }

  private void close(RunningPager pager) throws IOException {
    pager.end();
    state.phase(Phase.CLOSED);
    server.join().close(); // else it would make its socket anew
    SocketFolder.delete(settings.folder());
  }

  /**
   * The worker that serves makes a guardian anew where none has the lock: one may have ended before
   * it had it.
   */
  private void keepGuardian() {
    try {
      while (state.phase() == Phase.OPEN) {
        if (isGuarded()) {
          awaitGuardian();
        } else {
          startGuardian();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      report(e);
    }
  }

  private boolean isGuarded() throws SyscallException {
    return files.state().isLocked(StateFile.GUARDIAN_LOCK);
  }

  private void awaitGuardian() throws SyscallException, InterruptedException {
    try (WatchedProcess guardian = WatchedProcess.of(calls, state.process(Role.GUARDIAN))) {
      if (guardian.ended(LOOK_MILLIS)) {
        Thread.sleep(SHORT_MILLIS); // the new one has the lock, and says its number soon
      }
    }
  }

  private void startGuardian() throws SyscallException, InterruptedException {
    try {
      Process started = PagerProcess.guardian(calls, settings, files);
      while (started.isAlive() && !isGuarded()) {
        Thread.sleep(SHORT_MILLIS);
      }
    } catch (IOException e) {
      report(e);
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  @SuppressWarnings("SystemOut") // standard error is all that a process of the pager has
  private static void report(Exception e) {
    System.err.println("memremap pager: a guardian could not be started: " + e.getMessage());
  }
}
