// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.pager.store.StoreException;
import dev.memremap.pager.store.StoreException.Kind;
import io.lettuce.core.RedisException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Writes pages to the masters that have them: some at once, in scripts of a few pages each.
 *
 * <p>Thread safety: all methods may be called from any thread.
 */
final class PartWrites {
  /** How many scripts may be on their way at once. */
  private static final int SENT_MOST = 32;

  /** How many bytes of values a script takes, so that a node serves others in between. */
  private static final int SCRIPT_BYTES = 64 << 10;

  private final Place place;
  private final PageKeys keys;
  private final Attempts attempts;
  private final Lease lease;
  private final Semaphore room = new Semaphore(SENT_MOST);

  PartWrites(Place place, PageKeys keys, Attempts attempts, Lease lease) {
    this.place = place;
    this.keys = keys;
    this.attempts = attempts;
    this.lease = lease;
  }

  /** A script that is on its way. */
  private static final class Sent {
    private final long first;
    private final byte[][] values;
    private final CompletionStage<List<Object>> answer;

    Sent(long first, byte[][] values, CompletionStage<List<Object>> answer) {
      this.first = first;
      this.values = values;
      this.answer = answer;
    }
  }

  /**
   * Returns when masters have values of pages that lie beside each other in one part.
   *
   * @throws StoreException if they do not in time; each page is then as before, or as it was to
   *     become, also later
   */
  void write(long first, byte[][] values, Deadline deadline) throws StoreException {
    int each = Math.max(1, SCRIPT_BYTES / (keys.pageBytes() + PageValue.HEADER_BYTES));
    List<Sent> sent = new ArrayList<>();
    for (int at = 0; at < values.length; at += each) {
      byte[][] some = Arrays.copyOfRange(values, at, Math.min(values.length, at + each));
      acquire(first + at, some.length, deadline);
      sent.add(new Sent(first + at, some, send(first + at, some)));
    }
    for (Sent script : sent) {
      await(script, deadline);
    }
  }

  /** Writes a value again that a new master does not have. */
  void again(long page, byte[] value, Deadline deadline) throws StoreException {
    write(page, new byte[][] {value}, deadline);
  }

  private void acquire(long first, int count, Deadline deadline) throws StoreException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          if (room.tryAcquire(deadline.left(), TimeUnit.NANOSECONDS)) {
            return;
          }
          attempts.troubles().gaveUp(first);
          throw StoreException.ofPage(
              Kind.OUTAGE,
              first,
              "%s: %s not written: the nodes do not keep up with what is written; look at their load"
                  .formatted(place, SharedReads.named(first, count)),
              null);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Sends a script, for which there is room. */
  @SuppressWarnings("FutureReturnValueIgnored") // of what gives the room back
  private CompletionStage<List<Object>> send(long first, byte[][] values) {
    CompletionStage<List<Object>> answer;
    try {
      answer = run(first, values);
    } catch (RedisException e) {
      answer = CompletableFuture.failedStage(e);
    }
    answer.whenComplete((done, failure) -> room.release());
    return answer;
  }

  private CompletionStage<List<Object>> run(long first, byte[][] values) {
    List<byte[]> arguments = new ArrayList<>(values.length + 1);
    arguments.add(Attempts.bytes(lease.epoch()));
    arguments.addAll(Arrays.asList(values));
    NodeCounts.OfNode node = attempts.counts().of(first);
    long begun = System.nanoTime();
    return attempts
        .run(Script.WRITE, keys.pages(first, values.length), arguments)
        .thenApply(
            answer -> {
              if (isWritten(answer)) {
                node.took(values.length, System.nanoTime() - begun);
              }
              return answer;
            });
  }

  /** Whether no newer writer has it. */
  private static boolean isWritten(List<Object> answer) {
    return (long) answer.getFirst() == 0;
  }

  private void await(Sent script, Deadline deadline) throws StoreException {
    AtomicReference<@Nullable CompletionStage<List<Object>>> sent =
        new AtomicReference<>(script.answer);
    List<Object> answer =
        attempts.repeated(
            deadline,
            () ->
                "%s: %s not written"
                    .formatted(place, SharedReads.named(script.first, script.values.length)),
            script.first,
            () -> {
              CompletionStage<List<Object>> first = sent.getAndSet(null);
              return deadline.await(first != null ? first : run(script.first, script.values));
            });
    if (!isWritten(answer)) {
      throw lease.lostTo((long) answer.getFirst());
    }
  }
}
