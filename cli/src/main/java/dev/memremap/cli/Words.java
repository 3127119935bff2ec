// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cache.CacheMode;
import dev.memremap.cli.terminal.UsageException;
import dev.memremap.drawing.model.SizeText;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.MemoryType;
import dev.memremap.page.PagemapRange;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.Memparse;
import dev.memremap.resource.PhysRange;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How numbers and flags are read from a command line, and sizes written for people. */
final class Words {
  private static final BigInteger ALL_ADDRESSES = BigInteger.TWO.pow(Long.SIZE);

  private Words() {}

  /** A size, a count or a value: decimal or 0x…, with K, M, G or T in either case. */
  static final class Amount implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      try {
        return Memparse.parseAnyCase(text);
      } catch (NumberFormatException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /**
   * A size, or a range of a machine, as they were written: they may be empty or wrap around.
   *
   * @param hasStart whether it is a range; the start of a size is 0
   */
  record Span(boolean hasStart, PagemapRange range) {
    static final Span NONE = new Span(false, new PagemapRange(0, 0));
  }

  /** {@code 1T}, {@code START+SIZE}, or {@code START-END}. */
  static final class Extent implements ITypeConverter<Span> {
    @Override
    public Span convert(String text) {
      try {
        int plus = text.indexOf('+');
        if (plus < 0 && text.indexOf('-') > 0) {
          PhysRange range = Where.bounds(text);
          return new Span(true, new PagemapRange(range.start(), range.sizeBytes()));
        }
        long start = plus < 0 ? 0 : PhysRange.parseAddress(text.substring(0, plus));
        long size = Memparse.parseAnyCase(text.substring(plus + 1));
        return new Span(plus >= 0, new PagemapRange(start, size));
      } catch (UsageException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(
            Where.refused(
                e,
                "write a size, such as 1T, or a range, such as 0x40000000+256M or"
                    + " 40000000-4fffffff"));
      }
    }
  }

  /** A type of memory, in either case. */
  static final class Type implements ITypeConverter<MemoryType>, Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(MemoryType.values()).map(MemoryType::name).iterator();
    }

    @Override
    public MemoryType convert(String text) {
      for (MemoryType type : MemoryType.values()) {
        if (type.name().equalsIgnoreCase(text)) {
          return type;
        }
      }
      String names = String.join(", ", this);
      int last = names.lastIndexOf(", ");
      throw new TypeConversionException(
          "'%s' is not a type of memory; write %s or %s"
              .formatted(text, names.substring(0, last), names.substring(last + 2)));
    }
  }

  /** A page size of Linux, as a machine file spells it. */
  static final class KernelPage implements ITypeConverter<Integer> {
    private static final String ANY_PAGE_SIZE = "# arch=arm64\n00000000-0000ffff : System RAM\n";

    @Override
    public Integer convert(String text) {
      try {
        return MachineDescription.parse(ANY_PAGE_SIZE).with("pages", text).pageSize();
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(
            "'%s' is not a page size of Linux; it must be 4K, 16K or 64K".formatted(text));
      }
    }
  }

  /** A number, or names joined by | or comma. */
  static final class Flags implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      try {
        return Memparse.parseAnyCase(text);
      } catch (NumberFormatException e) {
        long flags = 0;
        for (String name : text.split("[|,]", -1)) {
          flags |= flag(name).bit();
        }
        return flags;
      }
    }

    private static MemremapFlag flag(String name) {
      for (MemremapFlag flag : MemremapFlag.values()) {
        if (flag.name().equalsIgnoreCase(name)) {
          return flag;
        }
      }
      throw new TypeConversionException(
          "'%s' is not a flag; write WB, WT, WC, ENC or DEC, joined by | or comma, or a number"
              .formatted(name));
    }
  }

  /**
   * What explain can be asked for.
   *
   * @param flags the flags of a memremap
   * @param registers the mode of an ioremap; null if a memremap is asked for
   */
  record Asked(long flags, @Nullable CacheMode registers) {
    /** {@code WB|WC}, or {@code UC-}. */
    static Asked of(String text) {
      CacheMode mode = CacheMode.of(text.toUpperCase(Locale.ROOT)).orElse(null);
      if (mode == CacheMode.UC_MINUS || mode == CacheMode.UC) {
        return new Asked(0, mode);
      }
      try {
        return new Asked(new Flags().convert(text), null);
      } catch (TypeConversionException e) {
        throw new UsageException(
            e.getMessage() + "; UC- and UC (ioremap) cannot be combined with others", e);
      }
    }

    @Override
    public String toString() {
      return registers == null ? MemremapFlag.format(flags) : registers.symbol();
    }
  }

  /** The size of a range as a whole number, 2^64 for all addresses. */
  static BigInteger bytes(PhysRange range) {
    return BigInteger.valueOf(range.endInclusive())
        .subtract(BigInteger.valueOf(range.start()))
        .mod(ALL_ADDRESSES)
        .add(BigInteger.ONE);
  }

  /** A size for people, as {@link SizeText} writes one; 0 stands for 2^64. */
  static String size(long bytes) {
    return SizeText.of(bytes);
  }

  /** A sum of sizes for people; 0 stands for 0. */
  static String size(BigInteger bytes) {
    return SizeText.of(bytes);
  }

  /** Bounds as {@code /proc/iomem} writes them: {@code 40000000-40000fff}. */
  static String range(PhysRange range) {
    return "%08x-%08x".formatted(range.start(), range.endInclusive());
  }

  /**
   * What was judged: {@code 0x40000000-0x40000fff}, the address of one byte, or START+SIZE if that
   * is not a range.
   */
  static String judged(long start, long size) {
    if (size == 1) {
      return "0x" + Long.toHexString(start);
    }
    boolean isRange = size != 0 && Long.compareUnsigned(start + (size - 1), start) >= 0;
    return isRange ? PhysRange.of(start, size).toString() : "0x%x+0x%x".formatted(start, size);
  }
}
