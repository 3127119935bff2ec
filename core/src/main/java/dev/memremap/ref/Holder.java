// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Says where references were taken that are not put yet: {@link PercpuRef#holders()}.
 *
 * @param thread the name of the thread that took them
 * @param count how many, taken in one call
 * @param frames where, innermost first, as lines of a stack trace
 */
public record Holder(String thread, long count, List<String> frames) {
  /** Keeps a copy. */
  public Holder {
    Objects.requireNonNull(thread, "thread");
    Objects.requireNonNull(frames, "frames");
    frames = List.copyOf(frames);
  }

  /** Returns one line, such as {@code 1 by reader-3 at Pool.java:41 …}. */
  @Override
  public String toString() {
    return "%d taken by thread %s at %s"
        .formatted(count, thread, frames.stream().limit(3).collect(Collectors.joining(" < ")));
  }
}
