// SPDX-License-Identifier: Apache-2.0
package dev.memremap.plan;

import dev.memremap.cache.CacheMode;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Fact;
import dev.memremap.rule.KernelLine;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import dev.memremap.spi.AccessPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Says what an {@code ioremap} would do and why. {@code ioremap} carries out such a plan; {@code
 * explainIoremap} only returns it.
 *
 * <p>Thread safety: immutable. It holds for the machine's tables at the time it was made; {@link
 * #nearest()} reads them again.
 */
public final class IoremapPlan implements Plan {
  private final PhysRange range;
  private final RemapPlan.Request request;
  private final AccessPath.@Nullable Open path;
  private final @Nullable Rule rule;
  private final String reason;
  private final @Nullable Refusal refusal;
  private final @Nullable Rule departure;
  private final @Nullable Function<IoremapPlan, List<PhysRange>> near;

  private IoremapPlan(
      PhysRange range, RemapPlan.Request request, Rule rule, String reason, AccessPath.Open path) {
    this.range = range;
    this.request = request;
    this.path = path;
    this.rule = rule;
    this.reason = reason;
    this.refusal = null;
    this.departure = null;
    this.near = null;
  }

  private IoremapPlan(
      PhysRange range,
      RemapPlan.Request request,
      Refusal refusal,
      @Nullable Rule departure,
      Function<IoremapPlan, List<PhysRange>> near) {
    this.range = range;
    this.request = request;
    this.path = null;
    this.rule = null;
    this.reason = "";
    this.refusal = refusal;
    this.departure = departure;
    this.near = near;
  }

  /**
   * Makes a granted plan.
   *
   * @param request its bytes, the facts that were read, and what a kernel logs
   * @param rule the rule that decides
   * @param reason why the range has the memory type it gets, without a final full stop
   * @param path leads to its registers
   */
  public static IoremapPlan granted(
      PhysRange range, RemapPlan.Request request, Rule rule, String reason, AccessPath.Open path) {
    Objects.requireNonNull(range, "range");
    Objects.requireNonNull(request, "request");
    Objects.requireNonNull(rule, "rule");
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(path, "path");
    return new IoremapPlan(range, request, rule, reason, path);
  }

  /**
   * Makes a refused plan.
   *
   * @param request its bytes, the facts that were read, and what a kernel logs
   * @param departure the departure that it follows, if a kernel would have granted it
   * @param near finds ranges near it that would be granted, when asked
   */
  public static IoremapPlan refused(
      PhysRange range,
      RemapPlan.Request request,
      Refusal refusal,
      @Nullable Rule departure,
      Function<IoremapPlan, List<PhysRange>> near) {
    Objects.requireNonNull(range, "range");
    Objects.requireNonNull(request, "request");
    Objects.requireNonNull(refusal, "refusal");
    Objects.requireNonNull(near, "near");
    return new IoremapPlan(range, request, refusal, departure, near);
  }

  /** Returns the range asked for. */
  public PhysRange range() {
    return range;
  }

  /** Returns the cache mode the mapping would have; empty if it is refused. */
  public Optional<CacheMode> cacheMode() {
    return Optional.ofNullable(path).map(AccessPath.Open::mode);
  }

  /**
   * Returns the path to the registers in words, {@code through /sys/...}; empty if only one exists,
   * or the request is refused.
   */
  public String way() {
    return path == null ? "" : path.way();
  }

  /**
   * Returns the path to the registers.
   *
   * @throws MemremapException if the request is refused
   */
  public AccessPath.Open path() {
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

  @Override
  public List<Fact.Known> assumptions() {
    return request.assumptions();
  }

  @Override
  public List<KernelLine> kernelLog() {
    return request.kernelLog();
  }

  /** Returns the rule that decides the request. */
  public Rule rule() {
    return rule == null ? Objects.requireNonNull(refusal).rule() : rule;
  }

  /** Returns the answer in one sentence, without a final full stop. */
  public String sentence() {
    if (path == null) {
      return Objects.requireNonNull(refusal).sentence();
    }
    String how = path.way().isEmpty() ? "" : ", " + path.way();
    return "registers, %s: %s%s".formatted(path.mode(), reason, how);
  }

  /**
   * {@inheritDoc}
   *
   * <p>At most three.
   */
  @Override
  public List<PhysRange> nearest() {
    return near == null ? List.of() : near.apply(this);
  }

  @Override
  public MemremapException exception() {
    if (refusal == null) {
      throw new IllegalStateException("ioremap %s is granted".formatted(range));
    }
    return new MemremapException(
        refusal.saying("ioremap %s: %s".formatted(range, refusal.sentence())),
        List.of(),
        assumptions(),
        null);
  }

  /** Returns the answer, the departure that it follows, and what is assumed. */
  @Override
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("%s: %s, %s".formatted(isGranted() ? "granted" : "refused", rule().id(), sentence()));
    if (departure != null) {
      lines.add("  departs from kernels: %s, %s".formatted(departure.id(), departure.sentence()));
    }
    assumptions().forEach(assumed -> lines.add("  " + assumed));
    return lines;
  }

  @Override
  public String toString() {
    return String.join("\n", lines());
  }
}
