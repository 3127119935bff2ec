// SPDX-License-Identifier: Apache-2.0
package dev.memremap.rule;

import java.util.Objects;

/**
 * A line that a kernel logs when it carries out a call, without its time and level.
 *
 * <p>What only a run decides is a word in capitals: {@code COMM:PID} for the process, {@code
 * CALLER} for the function that called, {@code OFFSET/SIZE} for a place in the kernel's code,
 * {@code TIME} for how long something took.
 *
 * @param text what the kernel prints; empty for a warning that prints its stack dump alone
 * @param onceABoot whether only the first call that comes there prints it, and no later one until
 *     the machine is started again
 * @param stackDumpOf the function whose stack dump follows, since it is a warning; empty if none
 *     does
 */
public record KernelLine(String text, boolean onceABoot, String stackDumpOf) {
  /** Checks the parts. */
  public KernelLine {
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(stackDumpOf, "stackDumpOf");
  }

  /** Returns the line for people: what are not the kernel's own words stands in brackets. */
  @Override
  public String toString() {
    String dump =
        stackDumpOf.isEmpty()
            ? ""
            : "with the stack dump of a WARNING in %s".formatted(stackDumpOf);
    String once = onceABoot ? "once a boot" : "";
    String remark = once + (once.isEmpty() || dump.isEmpty() ? "" : ", ") + dump;
    return remark.isEmpty() ? text : "%s [%s]".formatted(text, remark).strip();
  }
}
