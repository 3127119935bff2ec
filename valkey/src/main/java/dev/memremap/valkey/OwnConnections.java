// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import io.lettuce.core.RedisConnectionException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Connections to nodes, each taken by one thread for one question and given back: the one that was
 * given back last first, as its memory is in the processor's caches. With one for each thread,
 * threads that serve faults, which come and go, would leave connections behind; most often a single
 * thread serves all faults, and needs one.
 *
 * <p>A node gets so many at most, and what is asked beyond goes over Lettuce, which has many
 * questions under way on one connection. Connections that nothing has been asked over for a minute
 * are closed when another one is made, as after a failover.
 *
 * <p>Thread safety: {@code this} guards all fields. It is not held while a thread connects or waits
 * for an answer.
 */
final class OwnConnections implements AutoCloseable {
  /** How many a node has at most: more threads than that are better served together. */
  static final int PER_NODE = 4;

  private static final Duration IDLE_MOST = Duration.ofMinutes(1);

  private final NodeOptions options;
  private final @Nullable Encryption encryption;
  private final Map<Place.Host, OfNode> nodes = new HashMap<>();
  private final Set<OwnConnection> taken = new HashSet<>();
  private boolean isClosed;

  /** What one node has. */
  private static final class OfNode {
    private final Deque<OwnConnection> idle = new ArrayDeque<>(PER_NODE);
    private int taken;
  }

  OwnConnections(NodeOptions options) {
    this.options = options;
    this.encryption = options.place().encrypted() ? new Encryption(options) : null;
  }

  /**
   * Returns a connection to a node, to be given back.
   *
   * @return null if the node has as many as it gets, and all are taken
   * @throws io.lettuce.core.RedisException if it cannot connect
   */
  @Nullable OwnConnection take(Place.Host host, Deadline deadline)
      throws ExecutionException, TimeoutException {
    synchronized (this) {
      requireOpen();
      OfNode node = nodes.computeIfAbsent(host, any -> new OfNode());
      if (node.taken == PER_NODE) {
        return null;
      }
      node.taken++;
      OwnConnection found = node.idle.pollFirst();
      if (found != null) {
        taken.add(found);
        return found;
      }
      closeAll(forgotten());
    }
    return connect(host, deadline);
  }

  private OwnConnection connect(Place.Host host, Deadline deadline)
      throws ExecutionException, TimeoutException {
    OwnConnection made = null;
    try {
      made = OwnConnection.open(host, options, encryption, deadline);
    } finally {
      if (made == null) {
        left(host);
      }
    }
    synchronized (this) {
      taken.add(made);
      if (isClosed) {
        giveBack(made);
      }
      requireOpen();
    }
    return made;
  }

  private synchronized void left(Place.Host host) {
    OfNode node = nodes.get(host);
    if (node != null) {
      node.taken--;
    }
  }

  private void requireOpen() {
    if (isClosed) {
      throw new RedisConnectionException("the store was closed");
    }
  }

  /** Takes a connection back; one of no use is closed. */
  synchronized void giveBack(OwnConnection connection) {
    taken.remove(connection);
    left(connection.host());
    OfNode node = nodes.get(connection.host());
    if (isClosed || node == null || !connection.isAtRest()) {
      connection.close();
    } else {
      node.idle.addFirst(connection);
    }
  }

  /** Closes what is idle of a node, which has closed one of them, as it does when it ends. */
  synchronized void distrust(Place.Host host) {
    OfNode node = nodes.get(host);
    if (node != null) {
      closeAll(List.copyOf(node.idle));
      node.idle.clear();
    }
  }

  private List<OwnConnection> forgotten() {
    List<OwnConnection> all = new ArrayList<>();
    long now = System.nanoTime();
    for (OfNode node : nodes.values()) {
      while (!node.idle.isEmpty() && now - node.idle.getLast().usedAt() > IDLE_MOST.toNanos()) {
        all.add(node.idle.removeLast());
      }
    }
    nodes.values().removeIf(node -> node.taken == 0 && node.idle.isEmpty());
    return all;
  }

  private static void closeAll(List<OwnConnection> all) {
    all.forEach(OwnConnection::close);
  }

  /** Threads that wait for an answer get an exception. */
  @Override
  public synchronized void close() {
    isClosed = true;
    taken.forEach(OwnConnection::end);
    for (OfNode node : nodes.values()) {
      closeAll(List.copyOf(node.idle));
      node.idle.clear();
    }
  }
}
