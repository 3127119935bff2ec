// SPDX-License-Identifier: Apache-2.0
package dev.memremap.memory;

import dev.memremap.cache.CacheMode;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a range would be reached, decided without mapping it: which routes lead there, which of them
 * would be taken, and which cache mode that gives.
 *
 * <p>Thread safety: immutable. It holds for the moment it was decided at: a device may go, a file
 * may change its permissions.
 *
 * @param asked the mode asked for: WB, WT or WC of a {@code memremap}, UC- of an {@code ioremap}
 * @param effective what the machine's tables make of it, because of MTRRs or an alias
 * @param mode the mode that the route gives; null if no route serves
 * @param routes every route that leads there, the best first; empty where there is only one way
 * @param rule the rule that decides
 * @param errno the error; null if a route serves
 * @param sentence the answer, without a final full stop; empty where there is only one way
 */
public record Reach(
    CacheMode asked,
    CacheMode effective,
    @Nullable CacheMode mode,
    List<Step> routes,
    Rule rule,
    @Nullable Errno errno,
    String sentence) {

  /**
   * One route.
   *
   * @param route its name, such as a file's path
   * @param errno why it does not serve; null if it would
   * @param what the mode it gives, or what is in the way
   */
  public record Step(String route, @Nullable Errno errno, String what) {
    /** Checks the parts. */
    public Step {
      Objects.requireNonNull(route);
      Objects.requireNonNull(what);
    }

    /** {@code /dev/mem: EPERM, the kernel keeps System RAM to itself}. */
    @Override
    public String toString() {
      return errno == null ? route + ": " + what : "%s: %s, %s".formatted(route, errno, what);
    }
  }

  /** Checks the parts. */
  public Reach {
    Objects.requireNonNull(asked);
    Objects.requireNonNull(effective);
    Objects.requireNonNull(rule);
    Objects.requireNonNull(sentence);
    routes = List.copyOf(routes);
    if ((mode == null) != (errno != null)) {
      throw new IllegalArgumentException("a range is either reached with a mode or has an errno");
    }
  }

  /** The only way there is, as in simulated memory: it gives the mode the tables say. */
  public static Reach only(CacheMode asked, CacheMode effective) {
    return new Reach(asked, effective, effective, List.of(), Rule.MR_6, null, "");
  }

  /** A route that serves, among others that were considered before it. */
  public static Reach through(
      CacheMode asked, CacheMode effective, CacheMode mode, List<Step> routes) {
    return new Reach(
        asked, effective, mode, routes, Rule.LIB_6, null, "through " + routes.getLast().route());
  }

  /** No route serves. */
  public static Reach refused(
      CacheMode asked,
      CacheMode effective,
      List<Step> routes,
      Rule rule,
      Errno errno,
      String sentence) {
    return new Reach(asked, effective, null, routes, rule, errno, sentence);
  }

  /** Whether a route serves. */
  public boolean isPossible() {
    return mode != null;
  }

  /** The exception of a reach that no route serves. */
  public MemremapException refusal() {
    return new MemremapException(Objects.requireNonNull(errno), rule, sentence);
  }
}
