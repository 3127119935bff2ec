// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.cache.CacheMode;
import dev.memremap.resource.Intersection;
import dev.memremap.resource.Memparse;
import dev.memremap.rule.Attempt;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code memremap} would do and why: computed from the machine's tables by one pure
 * function, which {@link Machine#memremap} carries out and {@link Machine#explain} only shows.
 *
 * <p>Thread safety: immutable. A plan holds for the tables it was computed from; a mapping made or
 * closed since may change the answer.
 *
 * @param offset the first byte asked for
 * @param size the size asked for in bytes; may be 0 or wrap around
 * @param flags the flags asked for, as bits
 * @param region how the range lies to System RAM (MR-1)
 * @param attempts each mapping type asked for, in the order WB, WT, WC, and what comes of it
 * @param grant what would be mapped; null if the request is refused
 * @param rule the rule that decides the whole request
 * @param errno the error of a refusal; null if granted
 * @param sentence the whole answer in one sentence, without a final full stop
 * @param departure the departure our answer follows from where a kernel would have answered
 *     otherwise; null where it would answer the same
 */
public record RemapPlan(
    long offset,
    long size,
    long flags,
    Intersection region,
    List<Attempt> attempts,
    @Nullable Grant grant,
    Rule rule,
    @Nullable Errno errno,
    String sentence,
    @Nullable Rule departure) {

  /**
   * What would be mapped.
   *
   * @param type the mapping type that succeeds
   * @param mode the cache mode the mapping has
   * @param effective the mode that the machine's tables give; another than {@code mode} only where
   *     a route to real memory gives a weaker one
   * @param direct whether it is a slice of the direct map
   * @param encrypted whether the mapping has the encrypted attribute
   */
  public record Grant(
      MemremapFlag type, CacheMode mode, CacheMode effective, boolean direct, boolean encrypted) {
    /** Checks the parts. */
    public Grant {
      Objects.requireNonNull(effective);
      Objects.requireNonNull(type);
      Objects.requireNonNull(mode);
    }
  }

  /** Checks the parts. */
  public RemapPlan {
    attempts = List.copyOf(attempts);
    if ((grant == null) != (errno != null)) {
      throw new IllegalArgumentException("a plan is either granted or has an errno");
    }
  }

  /** Whether the request would be granted. */
  public boolean isGranted() {
    return grant != null;
  }

  /** The departure our answer follows from, if a kernel would have answered otherwise. */
  public Optional<Rule> departs() {
    return Optional.ofNullable(departure);
  }

  /**
   * This plan as part of a whole request, of which other mapping types were tried before and failed
   * when they were carried out.
   */
  RemapPlan after(long allFlags, List<Attempt> failed) {
    if (failed.isEmpty()) {
      return this;
    }
    List<Attempt> all = new ArrayList<>(failed);
    all.addAll(attempts);
    String answer = isGranted() ? sentence : nothingSucceeded(allFlags, all);
    return new RemapPlan(
        offset, size, allFlags, region, all, grant, rule, errno, answer, departure);
  }

  /** The answer when every mapping type asked for was tried. */
  static String nothingSucceeded(long flags, List<Attempt> attempts) {
    Attempt last = attempts.getLast();
    return attempts.size() == 1
        ? last.reason()
        : "none of %s succeeds; %s fails last: %s"
            .formatted(MemremapFlag.format(flags), last.mode(), last.reason());
  }

  /** The exception of a refused plan. */
  MemremapException refusal() {
    return new MemremapException(
        Objects.requireNonNull(errno), rule, "memremap " + asked() + ": " + sentence, attempts);
  }

  /** {@code 0x40000000 4K WB}: what was asked. */
  String asked() {
    return "0x%x %s %s".formatted(offset, Memparse.format(size), MemremapFlag.format(flags));
  }

  /** The plan in sentences, one a line: the answer, then each mapping type. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("%s: %s, %s".formatted(isGranted() ? "granted" : "refused", rule.id(), sentence));
    if (departure != null) {
      lines.add("  departs from kernels: %s, %s".formatted(departure.id(), departure.sentence()));
    }
    for (Attempt attempt : attempts) {
      lines.add("  " + attempt);
    }
    return lines;
  }

  @Override
  public String toString() {
    return String.join("\n", lines());
  }
}
