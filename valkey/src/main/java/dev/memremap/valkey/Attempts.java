// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.pager.store.StoreException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.api.async.BaseRedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Asks nodes, and asks again what may pass.
 *
 * <p>Thread safety: immutable.
 *
 * @param nodes which are told to look again where keys are
 * @param troubles what goes wrong is noted there
 */
record Attempts(Nodes nodes, Troubles troubles) {
  private static final long PAUSE_NANOS = 20_000_000;

  /**
   * Asks until there is an answer.
   *
   * @param what cannot be done without it, and where
   * @param page its number; negative if it is not one's
   * @throws StoreException if the time is over, or asking again does not help
   */
  <T> T until(Deadline deadline, String what, long page, Supplier<CompletionStage<T>> ask)
      throws StoreException {
    return repeated(deadline, what, page, () -> deadline.await(ask.get()));
  }

  /** What may fail as an answer may. */
  interface Step<T> {
    T run() throws ExecutionException, TimeoutException, StoreException;
  }

  /** Does steps that belong together, and again from the first one on if one fails. */
  <T> T repeated(Deadline deadline, String what, long page, Step<T> step) throws StoreException {
    return repeated(deadline, () -> what, page, step);
  }

  /** Likewise; the sentence is made when it is needed. */
  <T> T repeated(Deadline deadline, Supplier<String> what, long page, Step<T> step)
      throws StoreException {
    Exception said = null;
    while (true) {
      try {
        return step.run();
      } catch (ExecutionException | TimeoutException | RedisException e) {
        Trouble trouble = Trouble.of(e);
        troubles.note(page, trouble);
        // the last try is cut short: what was said before it tells more
        said = trouble == Trouble.LATE && said != null ? said : e;
        if (!trouble.passes() || deadline.left() <= PAUSE_NANOS) {
          troubles.gaveUp(page);
          throw Trouble.exception(what.get(), page, said);
        }
        pause();
      }
    }
  }

  /** Counts by node. */
  NodeCounts counts() {
    return troubles.counts();
  }

  /** A short while, after which keys may be elsewhere. */
  void pause() {
    nodes.lookAgain();
    long until = System.nanoTime() + PAUSE_NANOS;
    for (long left = PAUSE_NANOS; left > 0; left = until - System.nanoTime()) {
      LockSupport.parkNanos(left);
      if (Thread.currentThread().isInterrupted()) {
        return; // parking would return at once
      }
    }
  }

  /** Runs a script where its keys are. */
  CompletionStage<List<Object>> run(Script script, List<byte[]> keys, List<byte[]> arguments) {
    return run(nodes.byKey(), script, keys, arguments);
  }

  /** Runs a script at a node, which gets its text only when it does not know it yet. */
  static CompletionStage<List<Object>> run(
      BaseRedisAsyncCommands<byte[], byte[]> node,
      Script script,
      List<byte[]> keys,
      List<byte[]> arguments) {
    return sent(node, CommandType.EVALSHA, script.digest(), keys, arguments)
        .handle(
            (answer, failure) -> {
              if (failure == null) {
                return CompletableFuture.completedStage(answer);
              }
              return isUnknown(failure)
                  ? sent(node, CommandType.EVAL, script.text(), keys, arguments)
                  : CompletableFuture.<List<Object>>failedStage(failure);
            })
        .thenCompose(stage -> stage);
  }

  private static boolean isUnknown(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause instanceof RedisNoScriptException;
  }

  private static CompletionStage<List<Object>> sent(
      BaseRedisAsyncCommands<byte[], byte[]> node,
      CommandType type,
      String script,
      List<byte[]> keys,
      List<byte[]> arguments) {
    CommandArgs<byte[], byte[]> all =
        new CommandArgs<>(ByteArrayCodec.INSTANCE)
            .add(script)
            .add(keys.size())
            .addKeys(keys)
            .addValues(arguments);
    return node.dispatch(type, new ArrayOutput<>(ByteArrayCodec.INSTANCE), all);
  }

  /** A number as a node has it. */
  static byte[] bytes(long number) {
    return bytes(Long.toString(number));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Text in an answer. */
  static String text(Object part) {
    return part instanceof byte[] bytes
        ? new String(bytes, StandardCharsets.UTF_8)
        : String.valueOf(part);
  }
}
