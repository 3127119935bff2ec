// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import java.io.IOException;

/** Why a file cannot be read or written, in words: {@link dev.memremap.spi.IoReason}. */
public final class IoReason {
  private IoReason() {}

  /** The reason, as a phrase that stands in parentheses behind a sentence. */
  public static String of(IOException cause) {
    return dev.memremap.spi.IoReason.of(cause);
  }
}
