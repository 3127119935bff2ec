// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import dev.memremap.cache.CacheMode;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import java.util.Objects;
import java.util.Optional;

/**
 * The way to the bytes of a range, decided without mapping it: an open path with the cache mode it
 * gives, or the reason why every path is blocked.
 *
 * <p>It is true of the moment it was decided at: a device may go, a file may change its
 * permissions.
 */
public sealed interface AccessPath {

  /**
   * The only path there is, as in simulated memory: it gives the mode the tables say.
   *
   * @param asked the mode asked for
   * @param effective what the machine's tables make of it, and the mode that the path gives
   */
  static AccessPath only(CacheMode asked, CacheMode effective) {
    return new Open(asked, effective, effective, "");
  }

  /**
   * The path through a route that has a name, such as a file's.
   *
   * @param asked the mode asked for
   * @param effective what the machine's tables make of it
   * @param mode the mode that the path gives
   * @param route the route's name; {@link Open#way()} is "through" and this name
   */
  static AccessPath through(CacheMode asked, CacheMode effective, CacheMode mode, String route) {
    Objects.requireNonNull(route, "route");
    return new Open(asked, effective, mode, "through " + route);
  }

  /** Why every path is blocked; empty if one is open. */
  default Optional<Refusal> refusal() {
    return Optional.empty();
  }

  /**
   * The open path.
   *
   * @throws MemremapException if every path is blocked
   */
  Open orThrow();

  /**
   * A path that can be mapped.
   *
   * @param asked the mode asked for: WB, WT or WC of a {@code memremap}, UC- of an {@code ioremap}
   * @param effective what the machine's tables make of it, because of MTRRs or an alias
   * @param mode the mode that the path gives
   * @param way the path in words, {@code through /dev/mem}; empty where there is only one
   */
  record Open(CacheMode asked, CacheMode effective, CacheMode mode, String way)
      implements AccessPath {
    /** Checks the parts. */
    public Open {
      Objects.requireNonNull(asked, "asked");
      Objects.requireNonNull(effective, "effective");
      Objects.requireNonNull(mode, "mode");
      Objects.requireNonNull(way, "way");
    }

    @Override
    public Open orThrow() {
      return this;
    }
  }

  /**
   * No path can be mapped.
   *
   * @param why the refusal; it names each route that leads there, and what is in the way
   */
  record Blocked(Refusal why) implements AccessPath {
    /** Checks the parts. */
    public Blocked {
      Objects.requireNonNull(why, "why");
    }

    @Override
    public Optional<Refusal> refusal() {
      return Optional.of(why);
    }

    @Override
    public Open orThrow() {
      throw new MemremapException(why);
    }
  }
}
