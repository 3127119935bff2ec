// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.pager.store.StoreException;
import dev.memremap.pager.store.StoreException.Kind;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What a node answers instead of what it was asked for, or that it does not answer: whether asking
 * again can help at once, what is wrong, and what to do.
 */
enum Trouble {
  MOVED(true, "its keys are moving to another node and have not been found; look at CLUSTER SLOTS"),
  ASK(true, "its keys are moving to another node and have not been found; look at CLUSTER SLOTS"),
  TRYAGAIN(true, "its keys are moving to another node just now"),
  CLUSTERDOWN(
      true,
      "the cluster does not serve these keys: a master is down and no replica has taken over; look at CLUSTER INFO"),
  LOADING(true, "the node is still loading its data after its start"),
  READONLY(true, "the node is a replica now, and no other one is known as the master yet"),
  MASTERDOWN(true, "the node is a replica that has lost its master"),
  NOREPLICAS(
      true, "too few replicas are in step for the node's min-replicas-to-write; look at them"),
  BUSY(true, "the node runs a script that does not end; look there, SCRIPT KILL ends it"),
  NOAUTH(false, "the node wants a password; name one, as in valkey://user:password@host"),
  WRONGPASS(false, "the node does not take this user and password"),
  NOPERM(
      false,
      "the user may not do that; permit it ~{PREFIX*, with the prefix of the keys, and the commands +@read +@write +@scripting +@connection +wait +info +cluster"),
  OOM(false, "the node's memory is full (maxmemory); give it more, or the cluster another node"),
  MISCONF(
      false, "the node cannot save to its disk and takes no writes; look at its log and its disk"),
  CROSSSLOT(false, "the node says that these keys are not of one slot"),
  /** Anything else that begins with a word in capitals. */
  ERR(false, "the node refuses it"),
  /** Replicas do not keep up, or have no link to their master. */
  TOO_FEW(
      true,
      "too few replicas have what was written; look at their links to their master, or have a flush wait for fewer (replicas=NUMBER)"),
  /** No answer in time. */
  LATE(true, "no answer in time; look at the node and the network"),
  /** No connection. */
  UNCONNECTED(true, "no connection; look whether the node runs, and at its address"),
  /** Encryption. */
  UNTRUSTED(
      false,
      "no encrypted connection: the node speaks no TLS there, or its certificate is not trusted (authority=FILE names another one to trust)"),
  /** Our own failure. */
  UNKNOWN(false, "the client failed");

  /** Those that an answer begins with. */
  private static final Set<Trouble> ANSWERS = EnumSet.range(MOVED, CROSSSLOT);

  private final boolean passes;
  private final String sentence;

  Trouble(boolean passes, String sentence) {
    this.passes = passes;
    this.sentence = sentence;
  }

  /** What is wrong, and what to do. */
  String sentence() {
    return sentence;
  }

  /** Whether asking again soon can help. */
  boolean passes() {
    return passes;
  }

  /** What it is that was thrown. */
  static Trouble of(Throwable thrown) {
    Throwable cause = cause(thrown);
    if (find(cause, SSLException.class) != null) {
      return UNTRUSTED;
    }
    RedisCommandExecutionException answer = find(cause, RedisCommandExecutionException.class);
    if (answer != null) {
      return of(String.valueOf(answer.getMessage()));
    }
    if (cause instanceof Replicas.TooFewException) {
      return TOO_FEW;
    }
    if (cause instanceof TimeoutException || cause instanceof RedisCommandTimeoutException) {
      return LATE;
    }
    boolean isOfConnection =
        cause instanceof RedisConnectionException
            || cause instanceof IOException
            || cause instanceof CancellationException
            || cause instanceof RedisException
            || find(cause, ClosedChannelException.class) != null;
    return isOfConnection ? UNCONNECTED : UNKNOWN;
  }

  /** What an answer begins with. Some come inside the answer to a script. */
  private static Trouble of(String answer) {
    for (Trouble each : ANSWERS) {
      if (answer.startsWith(each.name()) || answer.contains(" -" + each.name() + " ")) {
        return each;
      }
    }
    // a WAIT at what was a master
    return answer.contains("replica instances") ? READONLY : ERR;
  }

  private static Throwable cause(Throwable thrown) {
    Throwable cause = thrown;
    while ((cause instanceof ExecutionException || cause instanceof CompletionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  private static <T extends Throwable> @Nullable T find(Throwable thrown, Class<T> type) {
    for (Throwable each = thrown; each != null; each = each.getCause()) {
      if (type.isInstance(each)) {
        return type.cast(each);
      }
    }
    return null;
  }

  /**
   * Makes an exception.
   *
   * @param what could not be done, and where
   * @param page its number; negative if it is not one's
   */
  static StoreException exception(String what, long page, Throwable thrown) {
    Throwable cause = cause(thrown);
    if (cause instanceof StoreException already) {
      return already;
    }
    Trouble trouble = of(cause);
    String words = words(cause);
    String said =
        switch (trouble) {
          case LATE -> "";
          default -> words.isEmpty() ? "" : " (%s)".formatted(words);
        };
    String sentence = "%s: %s%s".formatted(what, trouble.sentence, said);
    Kind kind = trouble == CROSSSLOT ? Kind.UNFIT : Kind.OUTAGE;
    return page < 0
        ? StoreException.of(kind, sentence, cause)
        : StoreException.ofPage(kind, page, sentence, cause);
  }

  /** The words of the innermost cause, in one line. */
  private static String words(Throwable thrown) {
    Throwable last = thrown;
    while (last.getCause() != null) {
      last = last.getCause();
    }
    String text = last.getMessage();
    return (text == null ? last.getClass().getSimpleName() : text).lines().findFirst().orElse("");
  }
}
