// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

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
}
