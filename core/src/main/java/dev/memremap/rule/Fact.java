// SPDX-License-Identifier: Apache-2.0
package dev.memremap.rule;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * A fact about a machine that answers rest on, next to the {@linkplain Rule rules}.
 *
 * <p>How a fact is known is its {@link Source}. Nothing writes down that an answer is assumed: the
 * rules note each fact that they read ({@link Reader}), and an answer is assumed if one of these
 * facts is.
 *
 * <p>Thread safety: immutable.
 */
public enum Fact {
  /** The processor's architecture. */
  ARCH("arch"),
  /** The kernel's release. */
  KERNEL("kernel"),
  /** What the kernel answers otherwise than the one whose answers are recorded. */
  KERNEL_RULES("kernel-rules"),
  /** How many bits a physical address has. */
  PHYS_BITS("phys-bits"),
  /** That there are no wider addresses than those that the map lists. */
  PHYS_END("phys-end"),
  /** How large a page is. */
  PAGE_SIZE("pages"),
  /** What the memory type range registers say. */
  MTRRS("mtrr"),
  /** The memory type where no register says one. */
  MTRR_DEFAULT("mtrr-default"),
  /** What the kernel has mapped itself, and how. */
  MEMORY_TYPES("memtype"),
  /** How memory is encrypted. */
  ENCRYPTION("mem-encrypt"),
  /** Which base address register of a device leads where. */
  BARS("bar"),
  /** Which driver uses a device. */
  DRIVERS("drivers");

  private final String id;

  Fact(String id) {
    this.id = id;
  }

  /** Its name in documents; where a machine file has a key for it, that key. */
  public String id() {
    return id;
  }

  /** Its bit in a number that says which facts were read. */
  @SuppressWarnings("EnumOrdinal") // no such number outlives a plan
  public int bit() {
    return 1 << ordinal();
  }

  /** How a fact is known, the strongest first: each wins over those after it. */
  public enum Source {
    /** A user or a machine file says so. */
    STATED,
    /** {@code memremap record} wrote what the machine's own Linux told. */
    RECORDED,
    /** It was read from a list of the running system. */
    READ,
    /** The map of the machine allows nothing else. */
    PROVEN,
    /** Nothing says so; it is what is likely. */
    ASSUMED;

    /** The word for it: {@code stated}. */
    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Takes note of the facts that a rule reads. */
  public interface Reader {
    /** A rule has read this fact, and its answer may rest on it. */
    void reads(Fact fact);
  }

  /**
   * What is known of one machine about one fact.
   *
   * @param fact which
   * @param value what holds, in the words of machine files
   * @param source how it is known
   * @param because where it was read, what proves it, or, if it is assumed, what is not known
   * @param tells what would settle an assumption; empty if it is none
   */
  public record Known(Fact fact, String value, Source source, String because, String tells) {
    /** Checks the parts. */
    public Known {
      Objects.requireNonNull(fact, "fact");
      Objects.requireNonNull(value, "value");
      Objects.requireNonNull(source, "source");
      Objects.requireNonNull(because, "because");
      Objects.requireNonNull(tells, "tells");
    }

    /** Whether it is assumed. */
    public boolean isAssumed() {
      return source == Source.ASSUMED;
    }

    /** {@code assumed: no MTRRs are known; /proc/mtrr would tell}. */
    @Override
    public String toString() {
      if (isAssumed()) {
        return "assumed: %s; %s would tell".formatted(because, tells);
      }
      return because.isEmpty() ? source.id() : source.id() + ": " + because;
    }
  }

  /**
   * The assumptions among the facts that were read.
   *
   * @param read the {@link #bit} of each fact that was read
   * @param known what is known of the machine
   */
  public static List<Known> assumed(int read, List<Known> known) {
    Objects.requireNonNull(known, "known");
    List<Known> assumed = new ArrayList<>();
    for (Known each : known) {
      if (each.isAssumed() && (read & each.fact.bit()) != 0) {
        assumed.add(each);
      }
    }
    return assumed;
  }
}
