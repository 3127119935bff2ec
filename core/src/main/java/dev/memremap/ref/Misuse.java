// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import dev.memremap.rule.Rule;

/** What a misused reference throws (D-5). */
final class Misuse {
  private Misuse() {}

  /** The exception for this sentence. */
  static IllegalStateException of(String sentence) {
    return new IllegalStateException("%s [%s]".formatted(sentence, Rule.D_5.id()));
  }

  /** The reference lives in atomic mode, and was not made to leave it (C-15). */
  static IllegalStateException mayNotLeaveAtomicMode(String what) {
    return of(
        "the reference cannot be %s: that leaves atomic mode, which it was not made for; give ALLOW_REINIT to init [%s]"
            .formatted(what, Rule.C_15.id()));
  }
}
