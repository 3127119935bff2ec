// SPDX-License-Identifier: Apache-2.0
package dev.memremap.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The flags of {@code memremap}, with the kernel's bits: {@code MEMREMAP_WB} and the others.
 *
 * <p>Thread safety: immutable.
 */
public enum MemremapFlag {
  /** Map write-back, as System RAM is mapped by default; on System RAM this is the direct map. */
  WB(1),
  /** Map write-through: no write stays in a cache only. */
  WT(2),
  /** Map write-combining: writes may be coalesced, and are otherwise uncached. */
  WC(4),
  /** Map encrypted, on a machine that encrypts memory; only modifies. */
  ENC(8),
  /** Map decrypted, on a machine that encrypts memory; only modifies. */
  DEC(16);

  private static final long KNOWN = 0x1f;

  private final long bit;

  MemremapFlag(long bit) {
    this.bit = bit;
  }

  /** Returns the flag's bit, as the kernel numbers it. */
  public long bit() {
    return bit;
  }

  /** Returns whether this flag is set in these bits. */
  public boolean in(long flags) {
    return (flags & bit) != 0;
  }

  /** Returns the bits of these flags. */
  public static long mask(MemremapFlag... flags) {
    long mask = 0;
    for (MemremapFlag flag : Objects.requireNonNull(flags, "flags")) {
      mask |= Objects.requireNonNull(flag, "flags").bit;
    }
    return mask;
  }

  /** Returns those of these bits that no flag has. */
  public static long unknownBits(long flags) {
    return flags & ~KNOWN;
  }

  /** Returns text such as {@code WB|WC}; unknown bits in hexadecimal, {@code 0} for none. */
  public static String format(long flags) {
    List<String> names = new ArrayList<>();
    for (MemremapFlag flag : values()) {
      if (flag.in(flags)) {
        names.add(flag.name());
      }
    }
    if (unknownBits(flags) != 0) {
      names.add("0x" + Long.toHexString(unknownBits(flags)));
    }
    return names.isEmpty() ? "0" : String.join("|", names);
  }
}
