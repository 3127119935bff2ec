// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts of locations. */
class StoreLocationTest {
  @ParameterizedTest
  @CsvSource({
    "far://user:secret@host:1/x?y=z, far://user:***@host:1/x?y=z",
    "'far://:secret@a:1,b:2', 'far://:***@a:1,b:2'",
    "far://user:se%40c:ret@[::1]:1, far://user:***@[::1]:1",
    "far://user@host, far://user@host",
    "far://[::1]:7/a@b, far://[::1]:7/a@b",
    "far://host:7?mail=a:b@c, far://host:7?mail=a:b@c",
    "file:///folder/a:b@c, file:///folder/a:b@c",
    "toy:/folder/a:b@c, toy:/folder/a:b@c",
  })
  @DisplayName("a password that stands behind the user is not shown, and nothing else is changed")
  void shown(String given, String shown) {
    assertThat(StoreLocation.shown(URI.create(given))).hasToString(shown);
  }

  @Test
  @DisplayName("a text of no kind of store is refused without its password")
  void unknown() {
    assertThatThrownBy(() -> StoreLocation.of(URI.create("far://user:secret@host")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("far://user:***@host")
        .hasMessageNotContaining("secret");
  }
}
