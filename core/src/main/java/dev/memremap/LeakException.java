// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Names what was still open when a strict machine was closed. Everything is closed when this is
 * thrown; page maps that are still held go when the last holder gives them back.
 */
public final class LeakException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  @SuppressWarnings("serial") // what List.copyOf makes of serializable elements is serializable
  private final List<Leak> leaks;

  /**
   * One thing that was open.
   *
   * @param kind the kind of thing
   * @param what its name, such as {@code mapping 0x40000000-0x40000fff WB}
   * @param madeAt where it was made or taken, as lines of a stack trace, innermost first; empty if
   *     unknown, as for a reference that was taken before its map was traced
   */
  public record Leak(Kind kind, String what, List<String> madeAt) implements Serializable {
    private static final int FRAMES_SHOWN = 3;

    /** Keeps a copy. */
    public Leak {
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(what, "what");
      Objects.requireNonNull(madeAt, "madeAt");
      madeAt = List.copyOf(madeAt);
    }

    /** What can be left open. */
    public enum Kind {
      /** A mapping of {@link Machine#memremap}. */
      MAPPING,
      /** Registers of {@link Machine#ioremap}. */
      REGISTERS,
      /** A page map that no device manages. */
      PAGEMAP,
      /** A {@link Lookup} or a {@link PageHold}. */
      HOLD,
      /** References to a page map, which its pages in use hold, too. */
      REFERENCE
    }

    /**
     * Returns one line, such as {@code mapping 0x40000000-0x40000fff WB, made at
     * DriverTest.maps(…)}.
     */
    @Override
    public String toString() {
      if (madeAt.isEmpty()) {
        return what;
      }
      String made = kind == Kind.HOLD || kind == Kind.REFERENCE ? "taken" : "made";
      return madeAt.stream()
          .limit(FRAMES_SHOWN)
          .collect(Collectors.joining(" < ", "%s, %s at ".formatted(what, made), ""));
    }
  }

  LeakException(List<Leak> leaks) {
    super(
        "%d %s still open when the strict machine was closed:%n%s"
            .formatted(
                leaks.size(),
                leaks.size() == 1 ? "thing was" : "things were",
                leaks.stream()
                    .map(leak -> "  " + leak)
                    .collect(Collectors.joining("%n".formatted()))));
    this.leaks = List.copyOf(leaks);
  }

  /** Returns what was open: mappings, registers and page maps first, then what was held. */
  public List<Leak> leaks() {
    return leaks;
  }
}
