// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import dev.memremap.pager.internal.link.Reply;
import dev.memremap.pager.store.NodeFigures;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * What the worker said last of the store's nodes. It is asked once a second at most, and not again
 * before it has answered: while a worker stands still, one question is open. The thread that asks
 * waits a moment for the answer; all others get what is there.
 *
 * <p>Thread safety: the one that sets {@code isAsked} asks. {@code last} is replaced as a whole by
 * the thread that has the answer, which sets {@code answeredAt} next and then takes {@code isAsked}
 * back. If no answer can come any more, it stays set.
 */
final class NodeAnswers {
  private static final long EACH_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long WAIT_MILLIS = 50;

  private final Supplier<CompletableFuture<Reply>> worker;
  private final AtomicBoolean isAsked = new AtomicBoolean();
  private volatile long answeredAt = System.nanoTime() - EACH_NANOS;
  private volatile Map<String, NodeFigures> last = Map.of();

  /**
   * @param worker asks for the figures, and waits for nothing
   */
  NodeAnswers(Supplier<CompletableFuture<Reply>> worker) {
    this.worker = worker;
  }

  /** Figures by the node's name; of a node that a new worker has not met, those of before. */
  Map<String, NodeFigures> now() {
    if (System.nanoTime() - answeredAt >= EACH_NANOS && isAsked.compareAndSet(false, true)) {
      await(worker.get().thenAccept(this::keep));
    }
    return last;
  }

  private void keep(Reply reply) {
    if (reply.isDone()) {
      Map<String, NodeFigures> all = new TreeMap<>(last);
      NodeFigures.read(reply.text()).forEach(each -> all.put(each.node(), each));
      last = Collections.unmodifiableMap(all);
    }
    answeredAt = System.nanoTime();
    isAsked.set(false);
  }

  private static void await(CompletableFuture<Void> kept) {
    try {
      kept.get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      // it comes later, or the memory is closed
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
