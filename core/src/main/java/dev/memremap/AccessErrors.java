// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Rule;
import org.jspecify.annotations.Nullable;

/**
 * What an access throws where the JDK refuses it: an exception of the same type, whose sentence
 * names the mapping and the physical address instead of a segment and an address in this process.
 */
final class AccessErrors {
  private AccessErrors() {}

  /**
   * What to throw instead of the JDK's exception.
   *
   * @param thrown what the JDK threw
   * @param mapping what was accessed, whose {@code toString} names it
   * @param range the physical addresses that it maps
   * @param offset of the first byte, in bytes from the mapping's first byte
   * @param bytes how many bytes were accessed
   */
  static RuntimeException of(
      RuntimeException thrown, Object mapping, PhysRange range, long offset, long bytes) {
    return switch (thrown) {
      case IllegalStateException closed -> closed(mapping, closed);
      case IndexOutOfBoundsException outside -> {
        IndexOutOfBoundsException ours =
            new IndexOutOfBoundsException(
                "%d bytes at 0x%x (offset %s) do not lie in %s"
                    .formatted(bytes, range.start() + offset, hex(offset), mapping));
        ours.initCause(outside);
        yield ours;
      }
      default -> thrown;
    };
  }

  /**
   * LIB-5: what is used after it was closed.
   *
   * @param cause what the JDK threw; null if it was not asked
   */
  static IllegalStateException closed(Object mapping, @Nullable Throwable cause) {
    return new IllegalStateException(
        "%s is closed; map it again to use it [%s]".formatted(mapping, Rule.LIB_5.id()), cause);
  }

  private static String hex(long offset) {
    return offset < 0 ? "-0x" + Long.toHexString(-offset) : "0x" + Long.toHexString(offset);
  }
}
