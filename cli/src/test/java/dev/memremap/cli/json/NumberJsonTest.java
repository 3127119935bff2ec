// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.resource.PhysRange;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Numbers and ranges at their limits. */
class NumberJsonTest {
  private final ObjectNode node = JsonMapper.shared().createObjectNode();

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 1",
    "0x20000000000000, 9007199254740992",
    "0x20000000000001, '\"0x20000000000001\"'",
    "0x7fffffffffffffff, '\"0x7fffffffffffffff\"'",
    "0x8000000000000000, '\"0x8000000000000000\"'",
    "0xffffffffffffffff, '\"0xffffffffffffffff\"'",
  })
  @DisplayName("a size is a number up to 2^53, and a string above that, unsigned")
  void sizes(String amount, String written) {
    boolean isHex = amount.startsWith("0x");
    NumberJson.put(
        node,
        "size",
        Long.parseUnsignedLong(isHex ? amount.substring(2) : amount, isHex ? 16 : 10));
    assertThat(node.toString()).isEqualTo("{\"size\":%s}".formatted(written));
  }

  @Test
  @DisplayName("an address is a string, however small")
  void addresses() {
    NumberJson.putAddress(node, "pfn", 0);
    NumberJson.putAddress(node, "start", -1);
    assertThat(node.toString()).isEqualTo("{\"pfn\":\"0x0\",\"start\":\"0xffffffffffffffff\"}");
  }

  @ParameterizedTest
  @CsvSource({
    "0x1000, 0, '{\"start\":\"0x1000\",\"size\":0}'",
    "-4096, 8192, '{\"start\":\"0xfffffffffffff000\",\"size\":8192}'",
    "-4096, 4096, '{\"start\":\"0xfffffffffffff000\",\"end\":\"0xffffffffffffffff\",\"size\":4096}'",
    "0x1000, 1, '{\"start\":\"0x1000\",\"end\":\"0x1000\",\"size\":1}'",
  })
  @DisplayName("what was asked for has no end if it has no bytes or goes beyond the last address")
  void asked(long start, long size, String written) {
    RangeJson.fill(node, start, size);
    assertThat(node.toString()).isEqualTo(written);
  }

  @Test
  @DisplayName("all addresses have a size of 2^64")
  void all() {
    RangeJson.fill(node, PhysRange.parse("0-ffffffffffffffff"));
    assertThat(node.get("size").asString()).isEqualTo("0x10000000000000000");
  }
}
