// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.resource.Memparse;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Fact;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a machine file's header: each reads its value into a description and writes it out.
 */
enum MachineKey {
  ARCH {
    @Override
    MachineDescription apply(MachineDescription d, String value) {
      Architecture architecture =
          Architecture.of(value)
              .orElseThrow(() -> bad(value, "what uname -m prints, such as x86_64 or aarch64"));
      return new MachineParts(d).architecture(architecture).machine();
    }

    @Override
    @Nullable String value(MachineDescription d) {
      return isGiven(d) ? d.architecture().id() : null;
    }
  },
  KERNEL {
    private static final Pattern RELEASE =
        Pattern.compile("[0-9]{1,4}\\.[0-9]{1,4}[^,;\\s]{0,80}", Pattern.UNICODE_CHARACTER_CLASS);

    @Override
    MachineDescription apply(MachineDescription d, String value) {
      if (!RELEASE.matcher(value).matches()) {
        throw bad(value, "what uname -r prints, such as 6.1 or 6.12.9-amd64");
      }
      return new MachineParts(d).kernel(value).machine();
    }

    // A kernel that a user chose says which rules are meant; a host's is as it is.
    @Override
    MachineDescription apply(MachineDescription d, String value, MachineDescription.Origin origin) {
      MachineDescription changed = apply(d, value);
      if (origin.source() == Fact.Source.STATED) {
        try {
          KernelRules.requireChosen(value);
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException("kernel=%s: %s".formatted(value, e.getMessage()), e);
        }
      }
      return changed;
    }

    @Override
    @Nullable String value(MachineDescription d) {
      return d.kernel();
    }
  },
  PHYS_BITS {
    @Override
    MachineDescription apply(MachineDescription d, String value) {
      long bits = number(value, "a number of bits, 32 to 52");
      if (Long.compareUnsigned(bits, 52) > 0 || bits < 32) {
        throw bad(value, "a number of bits, 32 to 52");
      }
      return new MachineParts(d).physBits((int) bits).machine();
    }

    @Override
    @Nullable String value(MachineDescription d) {
      return isGiven(d) ? Integer.toString(d.physBits()) : null;
    }
  },
  PHYSMEM_END {
    @Override
    MachineDescription apply(MachineDescription d, String value) {
      return new MachineParts(d).physmemEnd(number(value, END_FORM)).machine();
    }

    @Override
    @Nullable String value(MachineDescription d) {
      return isGiven(d) ? "0x%x".formatted(d.physmemEnd()) : null;
    }
  },
  MTRR {
    @Override
    MachineDescription apply(MachineDescription d, String value) {
      if (!value.equals("off")) {
        throw bad(value, "off; mtrr-uc says what they make uncachable where they are on");
      }
      return new MachineParts(d).mtrrs(MachineDescription.Mtrrs.OFF).machine();
    }

    @Override
    @Nullable String value(MachineDescription d) {
      MachineDescription.Mtrrs mtrrs = d.mtrrs();
      return mtrrs != null && mtrrs.off() ? "off" : null;
    }
  },
  MTRR_UC {
    @Override
    MachineDescription apply(MachineDescription d, String value) {
      return new MachineParts(d)
          .mtrrs(MachineDescription.Mtrrs.ofUncachable(ranges(value)))
          .machine();
    }

    @Override
    @Nullable String value(MachineDescription d) {
      MachineDescription.Mtrrs mtrrs = d.mtrrs();
      return mtrrs == null || mtrrs.off() ? null : text(mtrrs.uncachable());
    }
  },
  MEMTYPE {
    @Override
    MachineDescription apply(MachineDescription d, String value) {
      List<MachineDescription.Memtype> memtypes = new ArrayList<>();
      for (String part : list(value)) {
        int colon = part.indexOf(':');
        if (colon < 0) {
          throw bad(value, "START+SIZE:MODE[,…]");
        }
        CacheMode mode =
            CacheMode.of(part.substring(colon + 1))
                .orElseThrow(
                    () -> bad(value, "START+SIZE:MODE[,…] with MODE WB, WT, WC, UC-, UC or WP"));
        PhysRange range = range(part.substring(0, colon), value, "START+SIZE:MODE[,…]");
        memtypes.add(new MachineDescription.Memtype(range, mode));
      }
      return new MachineParts(d).memtypes(memtypes).machine();
    }

    @Override
    @Nullable String value(MachineDescription d) {
      return isGiven(d)
          ? d.memtypes().stream()
              .map(MachineDescription.Memtype::toString)
              .collect(Collectors.joining(","))
          : null;
    }
  },
  MEM_ENCRYPT {
    @Override
    MachineDescription apply(MachineDescription d, String value) {
      MemEncryption encryption =
          MemEncryption.of(value).orElseThrow(() -> bad(value, "none, sme or tdx"));
      return new MachineParts(d).encryption(encryption).machine();
    }

    @Override
    @Nullable String value(MachineDescription d) {
      return isGiven(d) ? d.encryption().id() : null;
    }
  },
  MEMMAP {
    @Override
    MachineDescription apply(MachineDescription d, String value) {
      MemmapGeometry memmap =
          MemmapGeometry.of(value).orElseThrow(() -> bad(value, "kernel or compact"));
      return new MachineParts(d).memmap(memmap).machine();
    }

    @Override
    @Nullable String value(MachineDescription d) {
      MemmapGeometry memmap = d.memmap();
      return memmap == null ? null : memmap.id();
    }
  },
  PAGES {
    @Override
    MachineDescription apply(MachineDescription d, String value) {
      int pageSize =
          switch (value) {
            case "4K" -> 4096;
            case "16K" -> 16384;
            case "64K" -> 65536;
            default -> throw bad(value, "4K, 16K or 64K");
          };
      return new MachineParts(d).pageSize(pageSize).machine();
    }

    @Override
    @Nullable String value(MachineDescription d) {
      return isGiven(d) ? d.pageSize() / 1024 + "K" : null;
    }
  },
  SOFT_RESERVED {
    @Override
    MachineDescription apply(MachineDescription d, String value) {
      return new MachineParts(d).softReserved(ranges(value)).machine();
    }

    @Override
    @Nullable String value(MachineDescription d) {
      return d.softReserved().isEmpty() && !isGiven(d) ? null : text(d.softReserved());
    }
  },
  /** One line for each: a machine has many. */
  BAR {
    @Override
    MachineDescription apply(MachineDescription d, String value) {
      List<MachineDescription.Bar> bars = new ArrayList<>(d.bars());
      bars.add(bar(value));
      return new MachineParts(d).bars(bars).machine();
    }

    @Override
    @Nullable String value(MachineDescription d) {
      throw new AssertionError("there may be more than one");
    }

    @Override
    List<String> values(MachineDescription d) {
      return d.bars().stream().map(MachineDescription.Bar::toString).toList();
    }

    @Override
    boolean isRepeatable() {
      return true;
    }
  };

  private static final String BAR_FORM = "DEVICE,N,START+SIZE[,prefetch][,DRIVER]";

  private static final String END_FORM = "the first address beyond the direct map, 1T to 64T";

  /** Passes if a direct map may end at this address. */
  static void requirePhysmemEnd(long end) {
    if (Long.compareUnsigned(end, PageGeometry.X86_64.physmemEnd()) > 0 || end < 1L << 40) {
      throw PHYSMEM_END.bad("0x%x".formatted(end), END_FORM);
    }
  }

  /** Passes if machines of an architecture can have pages of this size. */
  static void requirePages(Architecture architecture, int bytes) {
    boolean isKnown = bytes == 4096 || bytes == 16384 || bytes == 65536;
    if (!isKnown || (architecture == Architecture.X86_64 && bytes != 4096)) {
      throw new IllegalArgumentException(
          "pages of %d bytes do not exist on %s; x86_64 has 4K, other architectures 4K, 16K or 64K"
              .formatted(bytes, architecture.id()));
    }
  }

  /** The word of a {@code bar=} line that says that reading has no side effects. */
  static final String PREFETCH = "prefetch";

  /** The key as machine files spell it. */
  String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The fact that it states; null if it states a choice of the file's author. */
  @Nullable Fact fact() {
    return switch (this) {
      case ARCH -> Fact.ARCH;
      case KERNEL -> Fact.KERNEL;
      case PHYS_BITS -> Fact.PHYS_BITS;
      case PHYSMEM_END -> Fact.PHYSMEM_END;
      case MTRR, MTRR_UC -> Fact.MTRRS;
      case MEMTYPE -> Fact.MEMORY_TYPES;
      case MEM_ENCRYPT -> Fact.ENCRYPTION;
      case PAGES -> Fact.PAGE_SIZE;
      case SOFT_RESERVED -> Fact.SOFT_RESERVED;
      case BAR -> Fact.BARS;
      default -> null;
    };
  }

  /** Whether its fact was given, so that it is neither assumed nor follows from the map. */
  boolean isGiven(MachineDescription d) {
    MachineDescription.Origin origin = d.origins().get(fact());
    return origin != null && origin.source() != Fact.Source.PROVEN;
  }

  abstract MachineDescription apply(MachineDescription d, String value);

  /**
   * Reads the value.
   *
   * @param origin how it is known
   */
  MachineDescription apply(MachineDescription d, String value, MachineDescription.Origin origin) {
    return apply(d, value);
  }

  /** The value for this machine; null if it is unknown or the default. */
  abstract @Nullable String value(MachineDescription d);

  /** The values for this machine, one for each line. */
  List<String> values(MachineDescription d) {
    String value = value(d);
    return value == null ? List.of() : List.of(value);
  }

  /** Whether a file may have several lines of it, adding up. */
  boolean isRepeatable() {
    return false;
  }

  /** The value of a {@code bar=} line. */
  static MachineDescription.Bar bar(String value) {
    List<String> words = new ArrayList<>(List.of(value.split(",", -1)));
    if (words.size() < 3 || words.contains("")) {
      throw BAR.bad(value, BAR_FORM);
    }
    String device = words.removeFirst();
    long index = BAR.number(words.removeFirst(), BAR_FORM + " with N from 0 to 5");
    PhysRange range = BAR.range(words.removeFirst(), value, BAR_FORM);
    boolean prefetchable = words.remove(PREFETCH);
    if (words.size() > 1) {
      throw BAR.bad(value, BAR_FORM);
    }
    return new MachineDescription.Bar(
        device,
        Math.clamp(index, -1, 6),
        range,
        prefetchable,
        words.isEmpty() ? null : words.getFirst());
  }

  static MachineKey of(String id) {
    for (MachineKey key : values()) {
      if (key.id().equals(id)) {
        return key;
      }
    }
    throw new IllegalArgumentException(
        "a machine file has no key '%s'; the keys are %s"
            .formatted(
                id, Arrays.stream(values()).map(MachineKey::id).collect(Collectors.joining(", "))));
  }

  IllegalArgumentException bad(String value, String wanted) {
    return new IllegalArgumentException(
        "%s=%s: the value must be %s".formatted(id(), value, wanted));
  }

  long number(String word, String wanted) {
    try {
      return Memparse.parse(word);
    } catch (NumberFormatException e) {
      throw bad(word, wanted);
    }
  }

  /** A range as {@link PhysRange#parse} reads it, except one that is written with its two ends. */
  PhysRange range(String part, String value, String wanted) {
    if (part.indexOf('+') < 0) {
      throw bad(value, wanted);
    }
    try {
      return PhysRange.parse(part);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s=%s: '%s' is not a range (%s)".formatted(id(), value, part, e.getMessage()), e);
    }
  }

  List<PhysRange> ranges(String value) {
    List<PhysRange> ranges = new ArrayList<>();
    for (String part : list(value)) {
      ranges.add(range(part, value, "START+SIZE[,…]"));
    }
    return ranges;
  }

  static String text(List<PhysRange> ranges) {
    return ranges.stream()
        .map(range -> "0x%x+0x%x".formatted(range.start(), range.sizeBytes()))
        .collect(Collectors.joining(","));
  }

  private static List<String> list(String value) {
    return value.isEmpty() ? List.of() : List.of(value.split(",", -1));
  }
}
