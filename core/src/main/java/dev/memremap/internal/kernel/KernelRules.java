// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.kernel;

import dev.memremap.rule.Fact;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The rules of one kernel: which of the changes it has. A machine has one set of them, chosen when
 * it is built; nothing else of the engine knows versions.
 *
 * <p>A rule asks for a change where it is made, and keeps the answer: nothing asks while a page is
 * counted or looked up.
 *
 * <p>Thread safety: immutable.
 *
 * @param release the series, such as {@code 6.1}
 * @param changes what it does otherwise than the oldest one
 */
public record KernelRules(String release, Set<KernelChange> changes) {
  /** The series whose sources were read, or that were asked; a later one has all changes before. */
  public static final List<String> READ = KernelRelease.READ;

  /** Linux 6.1, which is 6.1.192: the one whose answers are recorded. */
  public static final KernelRules LINUX_6_1 = ofRead("6.1");

  /** The patch of 6.1 since which it differs from 6.1.192 in nothing that a caller sees. */
  private static final int LIKE_RECORDED = 158;

  /** Copies the set. */
  public KernelRules {
    changes = Set.copyOf(changes);
  }

  /**
   * Which rules hold for a kernel.
   *
   * @param rules the rules
   * @param assumption what is not known of the kernel, so that these rules are assumed; empty if
   *     they are known to be its own
   */
  public record Choice(KernelRules rules, String assumption) {
    /** Whether the kernel may have other rules. */
    public boolean isAssumed() {
      return !assumption.isEmpty();
    }
  }

  /** Whether this kernel has a change. */
  public boolean has(KernelChange change) {
    return changes.contains(change);
  }

  /**
   * This kernel with exactly these changes in place of its own, to see what one of them alone does.
   */
  public KernelRules with(Set<KernelChange> others) {
    return new KernelRules(release, others);
  }

  /** Notes that an answer rests on which kernel it is. */
  public static void noteRead(Fact.Reader reader) {
    reader.reads(Fact.KERNEL);
    reader.reads(Fact.KERNEL_RULES);
  }

  /** The rules of a series that was read. */
  private static KernelRules ofRead(String series) {
    int at = READ.indexOf(series);
    EnumSet<KernelChange> changes = EnumSet.noneOf(KernelChange.class);
    for (KernelChange change : KernelChange.values()) {
      if (READ.indexOf(change.first()) <= at) {
        changes.add(change);
      }
    }
    return new KernelRules(series, changes);
  }

  /**
   * The rules of a machine's kernel: those of its series, and of one that was not read those of the
   * series before it.
   *
   * @param release what {@code uname -r} prints; null if it is not known, which is 6.1
   */
  public static Choice choose(@Nullable String release) {
    KernelRelease asked = release == null ? null : KernelRelease.in(release);
    if (asked == null) {
      return new Choice(LINUX_6_1, release == null ? "" : unknown(release, LINUX_6_1));
    }
    KernelRules rules = ofRead(asked.seriesBefore());
    if (!asked.isRead() && (asked.isOutside() || !changesAfter(rules.release).isEmpty())) {
      return new Choice(rules, unknown(asked.text(), rules));
    }
    if (asked.isRead() && asked.saysLittle()) {
      return new Choice(
          rules,
          "which changes of later kernels %s has is not known, so none after %s"
              .formatted(asked.text(), rules.release));
    }
    boolean isOld = rules.equals(LINUX_6_1) && asked.patch() >= 0 && asked.patch() < LIKE_RECORDED;
    return new Choice(
        rules,
        isOld
            ? "what %s answers otherwise than 6.1.%d is not known, so nothing"
                .formatted(asked.text(), LIKE_RECORDED)
            : "");
  }

  private static String unknown(String release, KernelRules rules) {
    return "what %s answers otherwise than %s is not known, so nothing"
        .formatted(release, rules.release);
  }

  /**
   * Passes if a release that somebody chose says which rules are meant. What {@code uname -r}
   * prints with more than a number names a kernel that exists, and passes.
   *
   * @throws IllegalArgumentException if it is too old or too new, or lies between two releases of
   *     which the later one answers otherwise; the message names both
   */
  public static void requireChosen(String release) {
    KernelRelease asked = KernelRelease.in(release);
    if (asked == null || !asked.isBare() || asked.isRead()) {
      return;
    }
    if (asked.isOutside()) {
      throw new IllegalArgumentException(
          "there are rules for the kernels from %s to %s; give one of these"
              .formatted(READ.getFirst(), READ.getLast()));
    }
    String before = asked.seriesBefore();
    List<KernelChange> changes = changesAfter(before);
    if (!changes.isEmpty()) {
      throw new IllegalArgumentException(
          "%s lies between %s and %s, which answer differently, and its own answers are not known; give one of these (they differ in row%s of docs/kernels.md)"
              .formatted(
                  asked.text(),
                  before,
                  READ.get(READ.indexOf(before) + 1),
                  (changes.size() == 1 ? " " : "s ") + rows(changes)));
    }
  }

  /** What came after a series that was read, and before the next one that was. */
  private static List<KernelChange> changesAfter(String series) {
    return Arrays.stream(KernelChange.values())
        .filter(change -> change.last().equals(series))
        .toList();
  }

  private static String rows(List<KernelChange> changes) {
    return changes.stream()
        .map(change -> Integer.toString(change.row()))
        .distinct()
        .collect(Collectors.joining(", "));
  }
}
