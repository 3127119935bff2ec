// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.geometry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.resource.PhysRange;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PageGeometryTest {

  @ParameterizedTest(name = "pages of {0} bytes")
  @CsvSource({"4096, 9, 512, 32768, 34", "16384, 7, 128, 8192, 32", "65536, 5, 32, 2048, 30"})
  @DisplayName("C-4 G-8 a subsection has 2 MiB with every page size, so its pages differ")
  void sizes(long pageBytes, int order, long inSubsection, long inSection, int pfnBits) {
    PageGeometry geometry = PageGeometry.X86_64.withPages(pageBytes);
    assertThat(geometry.pageBytes()).isEqualTo(pageBytes);
    assertThat(geometry.subsectionBytes()).isEqualTo(2L << 20);
    assertThat(geometry.subsectionOrder()).isEqualTo(order);
    assertThat(geometry.subsectionPages()).isEqualTo(inSubsection);
    assertThat(geometry.subsectionBits()).isEqualTo(25);
    assertThat(geometry.sectionBytes()).isEqualTo(128L << 20);
    assertThat(geometry.sectionPages()).isEqualTo(inSection);
    assertThat(geometry.pfnBits()).isEqualTo(pfnBits);
  }

  @ParameterizedTest(name = "pages of {0} bytes: {1} to {2}")
  @CsvSource({
    "4096, 3000, 4fff, 3, 4, 3000, 4fff",
    "4096, 3fff, 4000, 3, 4, 3000, 4fff",
    "65536, 3fff, 4000, 0, 0, 0, ffff",
    "65536, ffff, 10000, 0, 1, 0, 1ffff",
    "16384, fffffffffffffffe, ffffffffffffffff, 3ffffffffffff, 3ffffffffffff, ffffffffffffc000, ffffffffffffffff",
  })
  @DisplayName("a range lies in the pages from that of its first byte to that of its last")
  void pages(
      long pageBytes,
      String start,
      String end,
      String firstPfn,
      String lastPfn,
      String from,
      String to) {
    PageGeometry geometry = PageGeometry.X86_64.withPages(pageBytes);
    PhysRange range = new PhysRange(hex(start), hex(end));
    assertThat(geometry.firstPfn(range)).isEqualTo(hex(firstPfn));
    assertThat(geometry.lastPfn(range)).isEqualTo(hex(lastPfn));
    PhysRange whole = new PhysRange(hex(from), hex(to));
    assertThat(geometry.wholePages(range)).isEqualTo(whole);
    assertThat(geometry.wholePages(whole)).as("nothing is allocated for it").isSameAs(whole);
    assertThat(geometry.range(hex(firstPfn), hex(lastPfn))).isEqualTo(whole);
    assertThat(geometry.address(hex(firstPfn))).isEqualTo(hex(from));
    assertThat(geometry.isPfn(hex(lastPfn))).isTrue();
  }

  @Test
  @DisplayName("SC-9 the widths of x86-64, and page numbers beyond 64-bit addresses")
  void widths() {
    PageGeometry geometry = PageGeometry.X86_64;
    assertThat(geometry.physmemEnd()).isEqualTo(1L << 46);
    assertThat(geometry.lastAddress()).isEqualTo((1L << 52) - 1);
    assertThat(geometry.isPfn((1L << 52) - 1)).isTrue();
    assertThat(geometry.isPfn(1L << 52)).isFalse();
    assertThat(geometry.isPfn(-1)).isFalse();
    assertThat(geometry.pages(8191)).as("what is left over is dropped").isEqualTo(1);
  }

  private static long hex(String digits) {
    return Long.parseUnsignedLong(digits, 16);
  }
}
