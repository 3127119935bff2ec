// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.cli.terminal.UsageException;
import dev.memremap.page.PagemapRange;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

/** How the command reads numbers and flags, and writes sizes. */
class WordsTest {
  @ParameterizedTest
  @CsvSource({
    "1, 1B",
    "1023, 1023B",
    "0x400, 1K",
    "1536, 1.5K",
    "0x18fffK, 100.0M",
    "2028M, 2028M",
    "1740M, 1740M",
    "0x7effffff, 2.0G",
    "1048575, 1.0M",
    "100K, 100K",
    "101888, 99.5K",
    "1023K, 1023K",
    "1M, 1M",
    "1T, 1T",
    "1024T, 1P",
    "0x100000T, 1E",
    "0x8000000000000000, 8E",
    "0xc000000000000000, 12E",
    "0xffffffffffffffff, 16.0E",
    "0, 16E"
  })
  @DisplayName("a size is exact with at most four digits, or has one decimal; 0 stands for 2^64")
  void sizes(String bytes, String size) throws Exception {
    assertThat(Words.size(new Words.Amount().convert(bytes))).isEqualTo(size);
  }

  @ParameterizedTest
  @CsvSource({
    "WB, 1",
    "wt, 2",
    "Wc, 4",
    "ENC, 8",
    "dec, 16",
    "'wb|WC', 5",
    "'WT,dec', 18",
    "0x7, 7"
  })
  @DisplayName("flags are names in either case, joined by | or comma, or a number")
  void flags(String text, long mask) throws Exception {
    assertThat(new Words.Flags().convert(text)).isEqualTo(mask);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "UC", "WB|", "|WB", "WB||WC", "WB;WC", "WB 1", "WB|1", "-1"})
  @DisplayName("what is not a flag is refused")
  void noFlags(String text) {
    assertThatThrownBy(() -> new Words.Flags().convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("is not a flag; write WB, WT, WC, ENC or DEC");
  }

  @ParameterizedTest
  @CsvSource({"UC-, UC-", "uc, UC", "WB|wc, WB|WC", "0x7, WB|WT|WC", "0, 0"})
  @DisplayName("explain is asked for flags, or for UC- or UC")
  void asked(String text, String written) {
    assertThat(Words.Asked.of(text)).hasToString(written);
    assertThat(Words.Asked.of(text).registers() == null).isEqualTo(!written.startsWith("UC"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"UC|WB", "WP", "UC_MINUS", ""})
  @DisplayName("UC- and UC stand alone")
  void notAsked(String text) {
    assertThatThrownBy(() -> Words.Asked.of(text))
        .isInstanceOf(UsageException.class)
        .hasMessageEndingWith("UC- and UC (ioremap) cannot be combined with others");
  }

  @ParameterizedTest
  @CsvSource({"4K, 4096", "16K, 16384", "64K, 65536"})
  @DisplayName("a kernel's page size is spelled as in a machine file")
  void kernelPages(String text, int bytes) throws Exception {
    assertThat(new Words.KernelPage().convert(text)).isEqualTo(bytes);
  }

  @Test
  @DisplayName("an extent is a size, a start and a size, which may be zero, or two ends")
  void extents() throws Exception {
    Words.Extent extent = new Words.Extent();
    assertThat(extent.convert("2M")).isEqualTo(new Words.Span(false, new PagemapRange(0, 2 << 20)));
    assertThat(extent.convert("4K+8K"))
        .isEqualTo(new Words.Span(true, new PagemapRange(4096, 8192)));
    assertThat(extent.convert("0+0")).isEqualTo(new Words.Span(true, new PagemapRange(0, 0)));
    assertThat(extent.convert("40000000-401fffff"))
        .isEqualTo(new Words.Span(true, new PagemapRange(0x40000000, 2 << 20)));
    for (String text : new String[] {"", "+", "0x1+", "+1", "0x1+2+3", "2-1", "-1"}) {
      assertThatThrownBy(() -> extent.convert(text))
          .isInstanceOf(TypeConversionException.class)
          .hasMessageEndingWith("or a range, such as 0x40000000+256M or 40000000-4fffffff");
    }
    assertThatThrownBy(() -> extent.convert("40000000+2M"))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("did you mean")
        .hasMessageEndingWith("?");
    assertThatThrownBy(() -> extent.convert("0-ffffffffffffffff"))
        .isInstanceOf(TypeConversionException.class)
        .hasMessage("0-ffffffffffffffff is every address there is; name fewer");
  }
}
