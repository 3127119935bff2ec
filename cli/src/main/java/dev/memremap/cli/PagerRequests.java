// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.terminal.RefusedException;
import dev.memremap.pager.internal.link.Reply;
import dev.memremap.pager.internal.link.Request.Operation;
import dev.memremap.pager.internal.link.WorkerLink;
import dev.memremap.pager.internal.process.RunningMemory;
import dev.memremap.pager.internal.process.Worker;
import dev.memremap.pager.internal.state.StateFile.Phase;
import dev.memremap.pager.internal.sys.SyscallException;
import dev.memremap.pager.store.StoreFact;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks the worker of another process's memory. A worker that takes over meanwhile is asked again.
 *
 * <p>Thread safety: one thread's; {@code isConnected} is the link's.
 */
final class PagerRequests implements AutoCloseable {
  private static final int LOOK_MILLIS = 50;
  private static final int FACTS_MILLIS = 1_000;
  private static final int NODES_MILLIS = 200;

  /** A worker that takes over needs a second at most. */
  private static final int MOST_LOOKS = 100;

  private final RunningMemory memory;
  private final Path socket;
  private final WorkerLink link;
  private volatile boolean isConnected;

  PagerRequests(RunningMemory memory) {
    this.memory = memory;
    this.socket = memory.state().settings().folder().resolve(Worker.SOCKET);
    this.link = new WorkerLink(socket, () -> isConnected = true);
    link.start();
  }

  /**
   * Asks, and waits for the answer.
   *
   * @param onLook called a few times a second meanwhile
   * @throws RefusedException if it is refused, or no worker can be asked
   */
  Reply ask(Operation operation, int first, int count, Runnable onLook)
      throws InterruptedException {
    CompletableFuture<Reply> reply = link.ask(operation, first, count, "");
    int inVain = 0;
    while (true) {
      try {
        return done(reply.get(LOOK_MILLIS, TimeUnit.MILLISECONDS));
      } catch (TimeoutException e) {
        onLook.run();
        inVain = isReached() ? 0 : inVain + 1;
        if (inVain == MOST_LOOKS || memory.state().phase() == Phase.CLOSED) {
          throw new RefusedException(whyNot());
        }
      } catch (ExecutionException e) {
        throw new IllegalStateException("the link was closed while it was asked", e);
      }
    }
  }

  /** What the store says of itself; nothing where no worker answers within a second. */
  static List<StoreFact> facts(RunningMemory memory) throws InterruptedException {
    try (PagerRequests requests = new PagerRequests(memory)) {
      if (!requests.isServed()) {
        return List.of();
      }
      // a store does not wait for its nodes: the first question has it ask them
      requests.asked(Operation.STORE);
      Thread.sleep(NODES_MILLIS);
      Reply reply = requests.asked(Operation.STORE);
      return reply.isDone() ? StoreFact.read(reply.text()) : List.of();
    } catch (TimeoutException | ExecutionException e) {
      return List.of();
    }
  }

  private Reply asked(Operation operation)
      throws ExecutionException, InterruptedException, TimeoutException {
    return link.ask(operation, 0, 0, "").get(FACTS_MILLIS, TimeUnit.MILLISECONDS);
  }

  private boolean isReached() {
    return isConnected && isServed();
  }

  private boolean isServed() {
    try {
      return memory.isServed();
    } catch (SyscallException e) {
      return false;
    }
  }

  private String whyNot() {
    long pid = memory.state().application();
    if (memory.state().phase() == Phase.CLOSED) {
      return "process %d has closed the remote memory".formatted(pid);
    }
    return isServed()
        ? "the worker of process %d cannot be reached at %s".formatted(pid, socket)
        : "the remote memory of process %d is served by no worker; 'memremap pager adopt %1$d' starts one"
            .formatted(pid);
  }

  private Reply done(Reply reply) {
    if (!reply.isDone()) {
      String store = memory.state().settings().shown().toString();
      throw new RefusedException(
          reply.page() < 0
              ? "remote memory of %s: %s".formatted(store, reply.text())
              : "remote memory of %s, page %d: %s".formatted(store, reply.page(), reply.text()));
    }
    return reply;
  }

  @Override
  public void close() {
    link.close();
  }
}
