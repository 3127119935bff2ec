// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

import dev.memremap.resource.PhysRange;
import java.util.Arrays;

/**
 * A folded scale: which address is drawn how far down. It keeps the order of addresses, and between
 * two bounds of resources it is even; but small things have room to be seen, and large ones and
 * holes are compressed. Between two segments there may be room that stands for no address.
 *
 * <p>Thread safety: immutable.
 */
public final class Scale {
  private final long[] starts;
  private final long last;
  private final int[] tops;
  private final int[] bottoms;
  private final int[] outerTops;

  /**
   * Makes a scale of segments side by side.
   *
   * @param starts the first address of each, ascending as unsigned numbers
   * @param last the last address of the last one
   * @param tops where each begins
   * @param bottoms where each ends, below its top, and not below the top of the next
   * @param outerTops where the names of resources that begin with a segment begin, which stand
   *     above it; then where what ends with the last one ends
   */
  Scale(long[] starts, long last, int[] tops, int[] bottoms, int[] outerTops) {
    this.starts = starts.clone();
    this.last = last;
    this.tops = tops.clone();
    this.bottoms = bottoms.clone();
    this.outerTops = outerTops.clone();
  }

  /** Returns how many segments it has. */
  public int segments() {
    return starts.length;
  }

  /** Returns the addresses of a segment. */
  public PhysRange segment(int index) {
    return new PhysRange(starts[index], index + 1 < starts.length ? starts[index + 1] - 1 : last);
  }

  /** Returns where a segment begins. */
  public int top(int index) {
    return tops[index];
  }

  /** Returns where a segment ends. */
  public int bottom(int index) {
    return bottoms[index];
  }

  /** Returns where the outermost box begins that begins with a range. */
  int outerTop(PhysRange range) {
    return outerTops[segmentOf(range.start())];
  }

  /** Returns where the outermost box ends that ends with a range. */
  int outerBottom(PhysRange range) {
    return outerTops[segmentOf(range.endInclusive()) + 1];
  }

  /** Returns the index of the segment with an address; the nearest one if none has it. */
  public int segmentOf(long address) {
    return segmentOf(starts, address);
  }

  /** The index of the last start at or below an address; 0 if none is. */
  static int segmentOf(long[] starts, long address) {
    int low = 0;
    int high = starts.length - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (Long.compareUnsigned(starts[middle], address) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** Returns where an address is drawn; the nearest end if it is not on the scale. */
  public int y(long address) {
    if (Long.compareUnsigned(address, starts[0]) <= 0) {
      return tops[0];
    }
    if (Long.compareUnsigned(address, last) > 0) {
      return bottoms[bottoms.length - 1];
    }
    int i = segmentOf(address);
    double share = unsigned(address - starts[i]) / size(i);
    return tops[i] + (int) (share * (bottoms[i] - tops[i]));
  }

  /** Returns where what ends with this byte ends. */
  public int yAfter(long endInclusive) {
    int i = segmentOf(endInclusive);
    return Long.compareUnsigned(endInclusive, segment(i).endInclusive()) >= 0
        ? bottoms[i]
        : y(endInclusive + 1);
  }

  /** Returns the address that is drawn there; in the room before a segment, its first one. */
  public long addressAt(int y) {
    int at = Arrays.binarySearch(tops, y);
    int i = at >= 0 ? at : -at - 2;
    if (i < 0) {
      return starts[0];
    }
    if (y >= bottoms[i]) {
      return i + 1 < starts.length ? starts[i + 1] : last;
    }
    double share = (double) (y - tops[i]) / (bottoms[i] - tops[i]);
    long offset = fromUnsigned(Math.ceil(share * size(i)));
    long end = segment(i).endInclusive();
    return Long.compareUnsigned(offset, end - starts[i]) > 0 ? end : starts[i] + offset;
  }

  /** The number of addresses of a segment. */
  private double size(int i) {
    return unsigned(segment(i).endInclusive() - starts[i]) + 1;
  }

  private static double unsigned(long number) {
    return number >= 0 ? number : (number >>> 1) * 2.0 + (number & 1);
  }

  private static long fromUnsigned(double number) {
    return number < 0x1p63
        ? (long) number
        : number < 0x1p64 ? (long) (number - 0x1p63) + Long.MIN_VALUE : -1;
  }
}
