// SPDX-License-Identifier: Apache-2.0
package dev.memremap.rule;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * A fact about a machine that answers rest on, next to the {@linkplain Rule rules}.
 *
 * <p>A fact has a {@link Source}. Rules note each fact that they read ({@link Reader}); an answer
 * is assumed if one of these facts is.
 *
 * <p>Thread safety: immutable.
 */
public enum Fact {
  /** The processor's architecture. */
  ARCH("arch"),
  /** The kernel's release. */
  KERNEL("kernel"),
  /** Where the kernel's answers differ from those of the recorded kernel. */
  KERNEL_RULES("kernel-rules"),
  /** How many bits a physical address has. */
  PHYS_BITS("phys-bits"),
  /** Whether addresses end where the map's do. */
  PHYS_END("phys-end"),
  /** Where the direct map ends, and with it the addresses of page maps. */
  PHYSMEM_END("physmem-end"),
  /** The page size. */
  PAGE_SIZE("pages"),
  /** What the memory type range registers say. */
  MTRRS("mtrr"),
  /** The memory type where no register says one. */
  MTRR_DEFAULT("mtrr-default"),
  /** What the kernel has mapped itself, and how. */
  MEMORY_TYPES("memtype"),
  /** How memory is encrypted. */
  ENCRYPTION("mem-encrypt"),
  /** What firmware leaves for a driver and a kernel since 7.0 on x86 lists in a tree apart. */
  SOFT_RESERVED("soft-reserved"),
  /** Which base address register of a device leads where. */
  BARS("bar"),
  /** Which driver uses a device. */
  DRIVERS("drivers");

  private final String id;

  Fact(String id) {
    this.id = id;
  }

  /** Returns its name in documents; if a machine file has a key for it, that key. */
  public String id() {
    return id;
  }

  /** Returns its bit in a set of facts that were read. */
  @SuppressWarnings("EnumOrdinal") // such a set does not outlive its plan
  public int bit() {
    return 1 << ordinal();
  }

  /** How a fact is known, the strongest first: each overrides those after it. */
  public enum Source {
    /** A user or a machine file says so. */
    STATED,
    /** {@code memremap record} wrote what the machine's own Linux told. */
    RECORDED,
    /** It was read from a list of the running system. */
    READ,
    /** The map of the machine allows nothing else. */
    PROVEN,
    /** Nothing says so; it is likely. */
    ASSUMED;

    /** Returns the word for it, such as {@code stated}. */
    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Notes the facts that a rule reads, and what a kernel logs where it decides. */
  public interface Reader {
    /** Notes that a rule has read this fact, so that its answer may rest on it. */
    void reads(Fact fact);

    /**
     * Notes that a kernel logs these lines where this rule decides. Without an implementation they
     * are not noted.
     *
     * @param lines makes them, if they are asked for
     */
    default void logs(Supplier<List<KernelLine>> lines) {
      Objects.requireNonNull(lines, "lines");
    }
  }

  /**
   * What is known about one fact of one machine.
   *
   * @param fact the fact
   * @param value its value, in the words of machine files
   * @param source how it is known
   * @param because where it was read, what proves it, or, if it is assumed, what is unknown
   * @param tells what would settle an assumption; empty if it is not assumed
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

    /** Returns whether it is assumed. */
    public boolean isAssumed() {
      return source == Source.ASSUMED;
    }

    /** Returns text such as {@code assumed: no MTRRs are known; /proc/mtrr would tell}. */
    @Override
    public String toString() {
      if (isAssumed()) {
        return "assumed: %s; %s would tell".formatted(because, tells);
      }
      return because.isEmpty() ? source.id() : source.id() + ": " + because;
    }
  }

  /**
   * Returns the assumptions among the facts that were read.
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
