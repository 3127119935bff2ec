// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.space;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where a mapping was made: the callers outside this package, innermost first.
 *
 * @param frames at most eight of them
 */
public record Provenance(List<StackWalker.StackFrame> frames) {
  private static final int DEPTH = 8;
  private static final String INTERNAL = "dev.memremap.internal.";
  private static final Set<String> OWN =
      Set.of("dev.memremap.Machine", "dev.memremap.Device", Provenance.class.getName());
  private static final StackWalker WALKER = StackWalker.getInstance();

  /** The place that called into this package. */
  public static Provenance here() {
    return new Provenance(
        WALKER.walk(
            frames ->
                frames
                    .dropWhile(frame -> isOwn(frame))
                    .limit(DEPTH)
                    .collect(Collectors.toUnmodifiableList())));
  }

  /** The frames of a place as lines of a stack trace; empty without a place. */
  public static List<String> lines(@Nullable Provenance place) {
    return place == null
        ? List.of()
        : place.frames.stream().map(StackWalker.StackFrame::toString).toList();
  }

  private static boolean isOwn(StackWalker.StackFrame frame) {
    String name = frame.getClassName();
    return name.startsWith(INTERNAL) || OWN.contains(name);
  }

  @Override
  public String toString() {
    return String.join(" < ", lines(this));
  }
}
