// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.pager.store.StoreException;
import dev.memremap.pager.store.StoreException.Kind;

/** What a node does when its memory is full. One that throws keys away would lose pages. */
final class Policy {
  private static final String KEY = "maxmemory_policy:";

  private Policy() {}

  /**
   * Looks at each master.
   *
   * @throws StoreException if one throws keys away, or does not answer
   */
  static void require(Place place, Attempts attempts, Deadline deadline) throws StoreException {
    for (String master : attempts.nodes().masters().keySet()) {
      String memory =
          attempts.until(
              deadline,
              "%s cannot be opened".formatted(place),
              -1,
              () -> attempts.nodes().info(master, "memory"));
      String policy = policy(memory);
      if (policy.startsWith("allkeys")) {
        throw StoreException.of(
            Kind.UNFIT,
            "%s: its node %s throws keys away when its memory is full (maxmemory-policy %s), and pages would read as zeros; set it to noeviction"
                .formatted(place, master, policy),
            null);
      }
    }
  }

  private static String policy(String memory) {
    return memory
        .lines()
        .filter(line -> line.startsWith(KEY))
        .map(line -> line.substring(KEY.length()).strip())
        .findFirst()
        .orElse("noeviction");
  }
}
