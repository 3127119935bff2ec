// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * How a machine encrypts its memory: the {@code mem-encrypt} of a machine file.
 *
 * <p>Thread safety: immutable.
 */
public enum MemEncryption {
  /** Memory is not encrypted; ENC and DEC change nothing. */
  NONE,
  /** The host encrypts its own System RAM (AMD SME). */
  SME,
  /** The machine is a guest whose private memory is encrypted (Intel TDX; SEV behaves alike). */
  TDX;

  /** Returns the word of a machine file: {@code none}, {@code sme} or {@code tdx}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns whether the machine is a guest whose private memory is encrypted. */
  public boolean isGuest() {
    return this == TDX;
  }

  /** Returns the kind with this word; empty if the word is unknown. */
  public static Optional<MemEncryption> of(String id) {
    Objects.requireNonNull(id, "id");
    for (MemEncryption kind : values()) {
      if (kind.id().equals(id)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }
}
