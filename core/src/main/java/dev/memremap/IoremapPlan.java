// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.cache.CacheMode;
import dev.memremap.cache.Reservation;
import dev.memremap.memory.AccessPath;
import dev.memremap.plan.Plan;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What an {@code ioremap} would do and why, which {@link Machine#ioremap} carries out and {@link
 * Machine#explainIoremap} only shows.
 *
 * <p>Thread safety: immutable. A plan is true of the tables as they were when it was made; {@link
 * #nearest()} alone reads them again.
 */
public final class IoremapPlan implements Plan {
  private final PhysRange range;
  private final AccessPath.@Nullable Open path;
  private final Reservation.@Nullable Granted type;
  private final @Nullable Refusal refusal;
  private final @Nullable Rule departure;
  private final @Nullable Supplier<RemapRules> rulesNow;

  /**
   * A granted plan.
   *
   * @param type the memory type that the range gets
   * @param path leads to its registers
   */
  IoremapPlan(PhysRange range, Reservation.Granted type, AccessPath.Open path) {
    this.range = range;
    this.path = path;
    this.type = type;
    this.refusal = null;
    this.departure = null;
    this.rulesNow = null;
  }

  /**
   * A refused plan.
   *
   * @param departure the departure it follows from where a kernel would have granted it
   * @param rulesNow give the rules over the machine's tables as they stand when asked
   */
  IoremapPlan(
      PhysRange range, Refusal refusal, @Nullable Rule departure, Supplier<RemapRules> rulesNow) {
    this.range = range;
    this.path = null;
    this.type = null;
    this.refusal = refusal;
    this.departure = departure;
    this.rulesNow = rulesNow;
  }

  /** The range asked for. */
  public PhysRange range() {
    return range;
  }

  /** The cache mode the mapping would have; empty if the request is refused. */
  public Optional<CacheMode> cacheMode() {
    return Optional.ofNullable(path).map(AccessPath.Open::mode);
  }

  /**
   * The path to the registers in words, {@code through /sys/...}; empty where there is only one, or
   * the request is refused.
   */
  public String way() {
    return path == null ? "" : path.way();
  }

  /** What {@link #way()} says, for mapping it; throws if the request is refused. */
  AccessPath.Open path() {
    if (path == null) {
      throw exception();
    }
    return path;
  }

  @Override
  public Optional<Refusal> refusal() {
    return Optional.ofNullable(refusal);
  }

  @Override
  public Optional<Rule> departure() {
    return Optional.ofNullable(departure);
  }

  /** The rule that decides the request. */
  public Rule rule() {
    return type == null ? Objects.requireNonNull(refusal).rule() : type.rule();
  }

  /** The answer in one sentence, without a final full stop. */
  public String sentence() {
    if (type == null || path == null) {
      return Objects.requireNonNull(refusal).sentence();
    }
    String how = path.way().isEmpty() ? "" : ", " + path.way();
    return "registers, %s: %s%s".formatted(path.mode(), type.reason(), how);
  }

  /**
   * {@inheritDoc}
   *
   * <p>At most three.
   */
  @Override
  public List<PhysRange> nearest() {
    return rulesNow == null ? List.of() : new NearestRanges(rulesNow.get()).of(this);
  }

  @Override
  public MemremapException exception() {
    if (refusal == null) {
      throw new IllegalStateException("ioremap %s is granted".formatted(range));
    }
    return new MemremapException(
        refusal.saying("ioremap %s: %s".formatted(range, refusal.sentence())));
  }

  /** The answer, and the departure it follows from. */
  @Override
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("%s: %s, %s".formatted(isGranted() ? "granted" : "refused", rule().id(), sentence()));
    if (departure != null) {
      lines.add("  departs from kernels: %s, %s".formatted(departure.id(), departure.sentence()));
    }
    return lines;
  }

  @Override
  public String toString() {
    return String.join("\n", lines());
  }
}
