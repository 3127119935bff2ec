// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import io.lettuce.core.RedisException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * Waits until replicas have what a connection wrote to their master.
 *
 * @param place which says how many, unless all that may be promoted have to
 */
record Replicas(Place place) {
  /** Fewer have it than have to. */
  static final class TooFewException extends RedisException {
    private static final long serialVersionUID = 1L;

    private TooFewException(long have, long needed, String node) {
      super("%d of %d of %s".formatted(have, needed, node));
    }
  }

  /** Whether there can be any that have to have a page. */
  boolean areAsked() {
    return place.kind() != Place.Kind.NODE || place.replicas().orElse(0) > 0;
  }

  /**
   * Waits for some time; whether the node is still a master is for the caller to see then.
   *
   * @throws RedisException if too few have it by then
   * @throws ExecutionException if the node answers otherwise
   */
  void await(Node node, Deadline deadline) throws ExecutionException, TimeoutException {
    int needed =
        place.replicas().isPresent()
            ? place.replicas().getAsInt()
            : deadline.await(node.promotable().get());
    if (needed == 0) {
      return;
    }
    long millis = Math.clamp(deadline.leftMillis(), 1, longest());
    long have = deadline.await(node.commands().waitForReplication(needed, millis));
    if (have < needed) {
      throw new TooFewException(have, needed, node.name());
    }
  }

  /** A WAIT answers before the client stops listening. */
  private long longest() {
    return Math.max(1, place.timeout().dividedBy(2).toMillis() * 3 / 4);
  }
}
