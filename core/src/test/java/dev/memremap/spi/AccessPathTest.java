// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.cache.CacheMode;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AccessPathTest {
  @Test
  @DisplayName("the only path gives what the tables say, and has no name")
  void only() {
    AccessPath path = AccessPath.only(CacheMode.WB, CacheMode.UC_MINUS);
    assertThat(path.refusal()).isEmpty();
    assertThat(path.orThrow())
        .isEqualTo(new AccessPath.Open(CacheMode.WB, CacheMode.UC_MINUS, CacheMode.UC_MINUS, ""));
  }

  @Test
  @DisplayName("LIB-6 a path through a route says its name and the mode it gives")
  void through() {
    AccessPath.Open path =
        AccessPath.through(CacheMode.WB, CacheMode.WB, CacheMode.UC_MINUS, "/bar2").orThrow();
    assertThat(path.mode()).isEqualTo(CacheMode.UC_MINUS);
    assertThat(path.way()).isEqualTo("through /bar2");
  }

  @Test
  @DisplayName("LIB-6 a blocked path throws its refusal")
  void blocked() {
    Refusal why = new Refusal(Errno.ENOENT, Rule.LIB_6, "no file leads to it");
    AccessPath path = new AccessPath.Blocked(why);
    assertThat(path.refusal()).contains(why);
    assertThat(catchThrowableOfType(MemremapException.class, path::orThrow).refusal())
        .isSameAs(why);
  }
}
