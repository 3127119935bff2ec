// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.resource.PhysRange;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageAddressTest {
  @Test
  @DisplayName("an address is read as it was written")
  void roundTrip() {
    PageAddress address =
        new PageAddress(
            new Place("7", 5),
            PhysRange.parse("0x1000+4K"),
            "System RAM & more",
            "0x2000+4K",
            "WB|WC");
    assertThat(PageAddress.parse(address.link().substring("./?".length()))).isEqualTo(address);
    assertThat(PageAddress.FIRST.link()).isEqualTo("./");
    assertThat(PageAddress.parse(null)).isEqualTo(PageAddress.FIRST);
  }

  @Test
  @DisplayName("a plus that was typed into an address is one, although it stands for a space there")
  void plus() {
    assertThat(PageAddress.parse("at=0x1000+4K&where=0x2000+8K"))
        .isEqualTo(PageAddress.parse("at=0x1000%2B4K&where=0x2000%2B8K"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"at=x", "step=x", "step=", "step=-1", "step=9999999999", "find=%"})
  @DisplayName("what means nothing is refused")
  void refused(String query) {
    assertThatThrownBy(() -> PageAddress.parse(query))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .isNotBlank();
  }
}
