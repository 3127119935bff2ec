// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;

/**
 * What a cost is counted in. Costs of one dimension are kept in its smallest unit here:
 * nanoseconds, bytes, or pieces.
 *
 * <p>Thread safety: immutable.
 */
public enum Unit {
  /** 10⁻⁹ seconds. */
  NANOSECONDS("ns", 1, Dimension.TIME),
  /** 10⁻⁶ seconds. */
  MICROSECONDS("µs", 1e3, Dimension.TIME),
  /** 10⁻³ seconds. */
  MILLISECONDS("ms", 1e6, Dimension.TIME),
  /** Seconds. */
  SECONDS("s", 1e9, Dimension.TIME),
  /** Bytes. */
  BYTES("B", 1, Dimension.SIZE),
  /** 1,024 bytes. */
  KIB("KiB", 1 << 10, Dimension.SIZE),
  /** 1,048,576 bytes. */
  MIB("MiB", 1 << 20, Dimension.SIZE),
  /** 2³⁰ bytes. */
  GIB("GiB", 1 << 30, Dimension.SIZE),
  /** Pieces: descriptors, mappings, system calls. */
  PIECES("", 1, Dimension.NUMBER);

  /** What can be compared with what. */
  public enum Dimension {
    /** How long. */
    TIME,
    /** How much memory. */
    SIZE,
    /** How many. */
    NUMBER
  }

  private final String symbol;
  private final double factor;
  private final Dimension dimension;

  Unit(String symbol, double factor, Dimension dimension) {
    this.symbol = symbol;
    this.factor = factor;
    this.dimension = dimension;
  }

  /** What it is comparable with. */
  public Dimension dimension() {
    return dimension;
  }

  /** So many of this unit, in the smallest unit of its dimension. */
  public double toBase(double amount) {
    return amount * factor;
  }

  /**
   * The unit in which a cost is best read: the largest that is not larger than it.
   *
   * @param base in the smallest unit of the dimension
   */
  public static Unit of(double base, Dimension dimension) {
    Unit best = null;
    for (Unit unit : values()) {
      if (unit.dimension == dimension && (best == null || Math.abs(base) >= unit.factor)) {
        best = unit;
      }
    }
    if (best == null) {
      throw new AssertionError(dimension);
    }
    return best;
  }

  /** Three digits of a cost that count, in its best unit. */
  public static String words(double base, Dimension dimension) {
    return of(base, dimension).words(base);
  }

  /** Three digits of a cost that count, in this unit, with its symbol. */
  public String words(double base) {
    String number = number(base);
    return symbol.isEmpty() ? number : number + " " + symbol;
  }

  /** Three digits of a cost that count, in this unit. */
  public String number(double base) {
    return digits(base / factor);
  }

  /** So many of this unit, as short as can be, with its symbol. */
  String count(double amount) {
    return symbol.isEmpty() ? shortest(amount) : shortest(amount) + " " + symbol;
  }

  /** Without zeros at the end. */
  static String shortest(double value) {
    DecimalFormat format =
        new DecimalFormat("#,##0.####", DecimalFormatSymbols.getInstance(Locale.ROOT));
    return format.format(value);
  }

  /** Three digits that count; more where they stand before the point. */
  static String digits(double value) {
    double size = Math.abs(value);
    if (value == Math.rint(value) && size < 1e6) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    int decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3;
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }
}
