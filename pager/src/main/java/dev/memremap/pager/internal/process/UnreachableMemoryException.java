// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.process;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A remote memory of another process cannot be had; the message is one sentence that says why. */
public final class UnreachableMemoryException extends IOException {
  private static final long serialVersionUID = 1L;

  UnreachableMemoryException(String sentence, @Nullable Throwable cause) {
    super(sentence, cause);
  }
}
