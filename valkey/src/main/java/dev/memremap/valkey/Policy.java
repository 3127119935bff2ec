// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.pager.store.StoreException;
import dev.memremap.pager.store.StoreException.Kind;

/** What a node does when its memory is full. One that throws keys away would lose pages. */
final class Policy {
  private static final String KEY = "maxmemory_policy:";

  private Policy() {}

  /**
   * Looks at the node that has the lease.
   *
   * @throws StoreException if it throws keys away, or does not answer
   */
  static void require(Place place, PageKeys keys, Attempts attempts, Deadline deadline)
      throws StoreException {
    String memory =
        attempts.repeated(
            deadline,
            "%s cannot be opened".formatted(place),
            -1,
            () -> {
              Node node = deadline.await(attempts.nodes().ownerOf(keys.lease()));
              return deadline.await(node.commands().info("memory"));
            });
    String policy =
        memory
            .lines()
            .filter(line -> line.startsWith(KEY))
            .map(line -> line.substring(KEY.length()).strip())
            .findFirst()
            .orElse("noeviction");
    if (policy.startsWith("allkeys")) {
      throw StoreException.of(
          Kind.UNFIT,
          "%s: its node throws keys away when its memory is full (maxmemory-policy %s), and pages would read as zeros; set it to noeviction"
              .formatted(place, policy),
          null);
    }
  }
}
