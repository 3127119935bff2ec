// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.pager.store.StoreException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * Reads what threads wait for over connections of its own: the thread that asks sends the question
 * to the node that has the page, and waits for the answer itself. Over Lettuce another thread would
 * receive it, which costs a wake-up for each fault.
 *
 * <p>Where a page is, Lettuce says, so that reads go to the node that writes go to. What a node
 * answers otherwise means the same here as there: {@link Attempts} and {@link Trouble} decide. This
 * class alone follows MOVED and ASK, as Lettuce does by itself.
 *
 * <p>Over Lettuce go pages larger than the buffers, and what one of these connections has no room
 * for.
 *
 * <p>Thread safety: all methods may be called from any thread. {@code OwnConnections} guards what
 * they share: each connection is one thread's while it is used.
 */
final class OwnReads implements PageReads {
  /** So much at once goes over connections of its own: each keeps a buffer of that size. */
  static final long BYTES_MOST = 2L << 20;

  private static final int HOPS_MOST = 5;
  private static final long NOT_ASKED = -1;
  private static final int WORDS = 3;

  private final Place place;
  private final PageKeys keys;
  private final Attempts attempts;
  private final OwnConnections connections;
  private final PageReads shared;

  OwnReads(NodeOptions options, PageKeys keys, Attempts attempts) {
    this.place = options.place();
    this.keys = keys;
    this.attempts = attempts;
    this.connections = new OwnConnections(options);
    this.shared = new SharedReads(place, keys, attempts);
  }

  @Override
  public long read(long page, int count, MemorySegment room, Deadline deadline)
      throws StoreException {
    if ((long) count * keys.pageBytes() > BYTES_MOST) {
      return shared.read(page, count, room, deadline);
    }
    List<byte[]> names = keys.pages(page, count);
    PageValues values = new PageValues(page, count, keys.pageBytes(), room);
    long fence =
        attempts.repeated(
            deadline,
            () -> "%s: %s not read".formatted(place, SharedReads.named(page, count)),
            page,
            () -> ask(names, values, count, deadline) ? values.whole(place) : NOT_ASKED);
    return fence == NOT_ASKED ? shared.read(page, count, room, deadline) : fence;
  }

  /** Returns false if Lettuce has to. */
  private boolean ask(List<byte[]> names, PageValues values, int count, Deadline deadline)
      throws ExecutionException, TimeoutException {
    Place.Host host = attempts.nodes().where(names.getFirst());
    boolean isAsking = false;
    for (int hop = 0; ; hop++) {
      try {
        return askAt(host, isAsking, names, values, count, deadline);
      } catch (RedisCommandExecutionException refused) {
        Trouble trouble = Trouble.of(refused);
        if ((trouble != Trouble.MOVED && trouble != Trouble.ASK) || hop == HOPS_MOST) {
          throw refused;
        }
        isAsking = trouble == Trouble.ASK;
        host = named(refused, host);
        if (!isAsking) {
          attempts.nodes().lookAgain();
        }
      }
    }
  }

  /** Asks once more if the connection has waited for a question: the node may have closed it. */
  private boolean askAt(
      Place.Host host,
      boolean isAsking,
      List<byte[]> names,
      PageValues values,
      int count,
      Deadline deadline)
      throws ExecutionException, TimeoutException {
    int room = (count + 1) * (PageValue.HEADER_BYTES + keys.pageBytes());
    while (true) {
      OwnConnection connection = connections.take(host, deadline);
      if (connection == null) {
        return false;
      }
      boolean hadAnswered = connection.wasUsed();
      try {
        long begun = System.nanoTime();
        connection.read(names, isAsking, values, room, deadline);
        attempts.counts().at(host).gave(count, connection.usedAt() - begun);
        return true;
      } catch (RespReader.TooLargeException e) {
        return false;
      } catch (RedisConnectionException closed) {
        if (!hadAnswered) {
          throw closed;
        }
        connections.distrust(host);
      } finally {
        connections.giveBack(connection);
      }
    }
  }

  /** Reads {@code MOVED 3999 host:port}; without a host it is the one that says so. */
  private static Place.Host named(RedisCommandExecutionException refused, Place.Host said) {
    String[] words = String.valueOf(refused.getMessage()).split(" ", -1);
    String last = words.length >= WORDS ? words[WORDS - 1] : "";
    int colon = last.lastIndexOf(':');
    try {
      String name = last.substring(0, colon);
      int port = Integer.parseInt(last.substring(colon + 1));
      return new Place.Host(name.isEmpty() ? said.name() : name, port);
    } catch (IndexOutOfBoundsException | NumberFormatException e) {
      throw refused;
    }
  }

  @Override
  public void close() {
    connections.close();
  }
}
