// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;

/** What a user reads when memory to be attached cannot be had. */
final class SourceRefusal {
  private SourceRefusal() {}

  static MemremapException of(ErrnoException e, String source, String what) {
    return new MemremapException(new Refusal(e.errno(), Rule.LIB_6, source + ": " + what), e);
  }
}
