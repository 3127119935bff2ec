// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The processor architectures a machine may have. Only those with measured rules map anything
 * (C-19); machines of the others are read and shown.
 *
 * <p>Thread safety: immutable.
 */
public enum Architecture {
  /** x86 with 64 bits: page attribute table and MTRRs. */
  X86_64,
  /** Arm with 64 bits. */
  ARM64,
  /** RISC-V with 64 bits. */
  RISCV64;

  /** The word of a machine file: {@code x86_64}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The architecture with this word; empty if there is none. */
  public static Optional<Architecture> of(String id) {
    return Arrays.stream(values()).filter(architecture -> architecture.id().equals(id)).findFirst();
  }

  /** Whether its rules were measured. */
  public boolean hasRules() {
    return this == X86_64;
  }

  /**
   * Passes if this architecture has rules.
   *
   * @throws MemremapException {@code EOPNOTSUPP} if it has none (C-19)
   */
  public void requireRules() {
    if (!hasRules()) {
      throw new MemremapException(
          Errno.EOPNOTSUPP,
          Rule.C_19,
          "a machine of architecture %s can be read and shown, but nothing can be mapped on it yet"
              .formatted(id()));
    }
  }
}
