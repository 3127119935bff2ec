// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import dev.memremap.cache.CacheMode;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import java.util.Objects;
import java.util.Optional;

/**
 * The path to the bytes of a range, decided without mapping it: an open path with its cache mode,
 * or why every path is blocked.
 *
 * <p>It holds for the moment it was decided: a device can go, or a file change its permissions.
 */
public sealed interface AccessPath {

  /**
   * Makes the path of memory with only one, such as simulated memory: its mode is what the tables
   * say.
   *
   * @param asked the mode asked for
   * @param effective the mode after the machine's tables, which the path gives
   */
  static AccessPath only(CacheMode asked, CacheMode effective) {
    return new Open(asked, effective, effective, "");
  }

  /**
   * Makes a path through a named route, such as a file.
   *
   * @param asked the mode asked for
   * @param effective the mode after the machine's tables
   * @param mode the mode that the path gives
   * @param route the route's name; {@link Open#way()} is "through" and this name
   */
  static AccessPath through(CacheMode asked, CacheMode effective, CacheMode mode, String route) {
    Objects.requireNonNull(route, "route");
    return new Open(asked, effective, mode, "through " + route);
  }

  /** Returns why every path is blocked; empty if one is open. */
  default Optional<Refusal> refusal() {
    return Optional.empty();
  }

  /**
   * Returns the open path.
   *
   * @throws MemremapException if every path is blocked
   */
  Open orThrow();

  /**
   * A path that can be mapped.
   *
   * @param asked the mode asked for: WB, WT or WC of a {@code memremap}, UC- of an {@code ioremap}
   * @param effective the mode after the machine's tables, because of MTRRs or an alias
   * @param mode the mode that the path gives
   * @param way the path in words, {@code through /dev/mem}; empty if only one exists
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
   * Every path is blocked.
   *
   * @param why the refusal; it names each route that leads there, and its obstacle
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
