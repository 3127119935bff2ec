// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.MemremapFlag;
import dev.memremap.resource.Memparse;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How numbers and flags are read from a command line, and sizes written for people. */
final class Words {
  private static final String[] UNITS = {"B", "K", "M", "G", "T", "P", "E"};

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
          "'%s' is no flag; write WB, WT, WC, ENC or DEC, joined by | or comma, or a number"
              .formatted(name));
    }
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
