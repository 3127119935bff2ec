// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.machine.MachineDescription;
import dev.memremap.page.PagemapRange;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.Memparse;
import dev.memremap.resource.PhysRange;
import java.math.BigInteger;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How numbers and flags are read from a command line, and sizes written for people. */
final class Words {
  private static final String[] UNITS = {"B", "K", "M", "G", "T", "P", "E"};

  private static final BigInteger ALL_ADDRESSES = BigInteger.TWO.pow(Long.SIZE);

  private Words() {}

  /** Decimal or 0x…, with K, M, G or T. */
  static final class Amount implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      try {
        return Memparse.parse(text);
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

  /** {@code 1T}, or {@code START+SIZE}. */
  static final class Extent implements ITypeConverter<Span> {
    @Override
    public Span convert(String text) {
      int plus = text.indexOf('+');
      try {
        long start = plus < 0 ? 0 : Memparse.parse(text.substring(0, plus));
        long size = Memparse.parse(text.substring(plus + 1));
        return new Span(plus >= 0, new PagemapRange(start, size));
      } catch (NumberFormatException e) {
        throw new TypeConversionException(
            e.getMessage() + "; write a size, such as 1T, or a range, such as 0x40000000+256M");
      }
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
        return Memparse.parse(text);
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

  /** The size of a range as a whole number, 2^64 for all addresses. */
  static BigInteger bytes(PhysRange range) {
    return BigInteger.valueOf(range.endInclusive())
        .subtract(BigInteger.valueOf(range.start()))
        .mod(ALL_ADDRESSES)
        .add(BigInteger.ONE);
  }

  /** {@code 634K}, {@code 1.9G}: at most three digits and a unit; 0 stands for 2^64. */
  static String size(long bytes) {
    double value = bytes == 0 ? 0x1p64 : unsigned(bytes);
    int unit = 0;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    String digits = (value >= 100 ? "%.0f" : "%.1f").formatted(value);
    return digits.replace(".0", "") + UNITS[unit];
  }

  private static double unsigned(long bytes) {
    return bytes >= 0 ? bytes : bytes + 0x1p64;
  }
}
