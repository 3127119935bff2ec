// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * The size of a page's entry in the memmap, and how much of an altmap it takes: the {@code memmap}
 * of a machine file.
 *
 * <p>Thread safety: immutable.
 */
public enum MemmapGeometry {
  /** Linux's page structures of 64 bytes, taken from an altmap in blocks for whole sections. */
  KERNEL(64),
  /** Our own entries of 16 bytes: a page's count and flags, and its driver's word. */
  COMPACT(16);

  private final int entryBytes;

  MemmapGeometry(int entryBytes) {
    this.entryBytes = entryBytes;
  }

  /** Returns the size of a page's entry in bytes. */
  public int entryBytes() {
    return entryBytes;
  }

  /** Returns the word of a machine file: {@code kernel} or {@code compact}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns the geometry with this word; empty if the word is unknown. */
  public static Optional<MemmapGeometry> of(String id) {
    Objects.requireNonNull(id, "id");
    for (MemmapGeometry geometry : values()) {
      if (geometry.id().equals(id)) {
        return Optional.of(geometry);
      }
    }
    return Optional.empty();
  }
}
