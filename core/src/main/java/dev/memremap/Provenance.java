// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where a mapping was made: the callers outside this package, innermost first.
 *
 * @param frames at most eight of them
 */
record Provenance(List<StackWalker.StackFrame> frames) {
  private static final int DEPTH = 8;
  private static final Set<String> OWN =
      Set.of(
          Provenance.class.getName(),
          Remapper.class.getName(),
          Machine.class.getName(),
          Device.class.getName());
  private static final StackWalker WALKER = StackWalker.getInstance();

  /** The place that called into this package. */
  static Provenance here() {
    return new Provenance(
        WALKER.walk(
            frames ->
                frames
                    .dropWhile(frame -> isOwn(frame))
                    .limit(DEPTH)
                    .collect(Collectors.toUnmodifiableList())));
  }

  private static boolean isOwn(StackWalker.StackFrame frame) {
    return OWN.contains(frame.getClassName());
  }

  @Override
  public String toString() {
    return frames.stream().map(StackWalker.StackFrame::toString).collect(Collectors.joining(" < "));
  }
}
