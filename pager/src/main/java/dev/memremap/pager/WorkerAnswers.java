// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import dev.memremap.pager.internal.link.Reply;
import dev.memremap.pager.internal.link.Request.Operation;
import dev.memremap.pager.internal.link.WorkerLink;
import dev.memremap.pager.internal.state.Settings;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Waits for what the worker answers, and makes exceptions of what it refuses.
 *
 * <p>Thread safety: immutable; the link is safe for many threads.
 *
 * @param settings of the memory
 * @param application its process, for sentences
 * @param link to the worker
 * @param mapping which ends when the memory is closed
 */
record WorkerAnswers(
    Settings settings, long application, WorkerLink link, MemorySegment.Scope mapping) {
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** No worker answers. */
  static final class LateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private LateException(long application, Throwable cause) {
      super(
          "no worker answered in time; if guardian and worker were killed, 'memremap pager adopt %d' takes over"
              .formatted(application),
          cause);
    }

    @Override
    public String getMessage() {
      return Objects.requireNonNull(super.getMessage());
    }
  }

  /**
   * Waits for an answer, however long it takes.
   *
   * @throws RemoteMemoryException if it is a refusal, or the thread is interrupted
   */
  Reply await(CompletableFuture<Reply> reply) {
    return done(awaited(reply, false));
  }

  /**
   * Waits for an answer, however long it takes; an interrupt is kept for later.
   *
   * @throws RemoteMemoryException if it is a refusal
   */
  Reply awaitAnyway(CompletableFuture<Reply> reply) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return done(reply.get());
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw closed(e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Waits for an answer that takes no longer than a fault may.
   *
   * @throws RemoteMemoryException if it is a refusal, or the thread is interrupted
   * @throws LateException if none comes in time
   */
  Reply awaitBounded(CompletableFuture<Reply> reply) {
    return done(awaited(reply, true));
  }

  private Reply awaited(CompletableFuture<Reply> reply, boolean isBounded) {
    try {
      if (isBounded && settings.poisons()) {
        return reply.get(settings.limit().plus(PATIENCE).toNanos(), TimeUnit.NANOSECONDS);
      }
      return reply.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure(-1, "the thread was interrupted while it waited for the pager", e);
    } catch (TimeoutException e) {
      throw new LateException(application, e);
    } catch (ExecutionException e) {
      throw closed(e);
    }
  }

  private Reply done(Reply reply) {
    if (!reply.isDone()) {
      throw failure(reply.page(), reply.text(), null);
    }
    return reply;
  }

  /** Why a page of a range does not come, as the worker knows it. */
  RemoteMemoryException reasoned(long offset, long bytes, Throwable cause) {
    int first = (int) (offset / settings.pageBytes());
    int last = (int) ((offset + Math.max(1, bytes) - 1) / settings.pageBytes());
    try {
      for (int page = first; page <= last; page++) {
        Reply reply = awaited(link.ask(Operation.WHY, page, 1, ""), true);
        if (reply.isDone() && !reply.text().isEmpty()) {
          return failure(page, reply.text(), cause);
        }
      }
    } catch (LateException e) {
      return failure(-1, e.getMessage(), cause);
    }
    return first == last
        ? failure(first, "the page did not come within %s; try again".formatted(limit()), cause)
        : failure(
            -1,
            "pages %,d to %,d did not all come within %s; try again"
                .formatted(first, last, limit()),
            cause);
  }

  private String limit() {
    Duration limit = settings.limit();
    return limit.toMillis() == 0
        ? "%,d ns".formatted(limit.toNanos())
        : "%,d ms".formatted(limit.toMillis());
  }

  /** Why an access failed: that of a page, or of something that is closed. */
  RuntimeException failed(long offset, long bytes, Throwable e) {
    return e instanceof IllegalStateException state ? closedOr(state) : reasoned(offset, bytes, e);
  }

  /** What is closed may be what an access was given, and not the memory. */
  IllegalStateException closedOr(IllegalStateException e) {
    return mapping.isAlive() ? e : closed(e);
  }

  /**
   * Looks before something is asked that would not be answered.
   *
   * @throws IllegalStateException if the memory is closed
   */
  void requireOpen() {
    if (!mapping.isAlive()) {
      throw closed(null);
    }
  }

  private IllegalStateException closed(@Nullable Throwable cause) {
    return new IllegalStateException(
        "the remote memory of %s is closed; open it again".formatted(settings.shown()), cause);
  }

  private RemoteMemoryException failure(long page, String reason, @Nullable Throwable cause) {
    return new RemoteMemoryException(settings.store(), page, reason, cause);
  }
}
