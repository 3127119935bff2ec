// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * A strict machine was closed while some of it was open. Everything is closed when this is thrown.
 * What is still held goes when its holders give it back.
 */
public final class LeakException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  @SuppressWarnings("serial") // what List.copyOf makes of serializable elements is serializable
  private final List<Leak> leaks;

  /**
   * Something that was open.
   *
   * @param kind what kind of thing
   * @param what its name: {@code mapping 0x40000000-0x40000fff WB}
   * @param madeAt where it was made or taken, as lines of a stack trace, innermost first; empty if
   *     that is not known, for a reference that was taken before its map was traced
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

    /** One line: {@code mapping 0x40000000-0x40000fff WB, made at DriverTest.maps(…)}. */
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

  /** What was open: mappings, registers and page maps first, then what was held. */
  public List<Leak> leaks() {
    return leaks;
  }
}
