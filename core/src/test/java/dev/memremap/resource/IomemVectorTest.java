// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.vectors.Maps;
import dev.memremap.vectors.VectorRow;
import dev.memremap.vectors.VectorRows;
import dev.memremap.vectors.VectorRun;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rows of /proc/iomem's text. */
class IomemVectorTest {
  @RegisterExtension static final VectorRun RUN = VectorRun.of("PI");

  static Stream<VectorRow> rows() {
    return VectorRows.withPrefix("PI");
  }

  @ParameterizedTest
  @MethodSource("rows")
  @DisplayName("PRC-1 to PRC-3: a line reads as the row says")
  void line(VectorRow row) {
    Resource root = Maps.m().snapshot().root();
    List<String> lines =
        (row.setup().contains("unprivileged")
                ? IomemText.formatUnprivileged(root)
                : IomemText.format(root))
            .lines()
            .toList();
    String answer;
    if (row.input().startsWith("lines 3-4")) {
      // the table's lines begin with the root's first child but one, and its spaces are underlined
      answer = lines.get(2) + " / " + lines.get(3).replaceFirst("^ {2}", "__") + " (_=space)";
    } else {
      String name = row.input().substring("node ".length());
      String line =
          lines.stream().filter(each -> each.endsWith(" : " + name)).findFirst().orElseThrow();
      answer =
          line.startsWith(" ")
              ? "_".repeat(line.length() - line.stripLeading().length())
                  + line.stripLeading()
                  + " (_=space)"
              : line;
    }
    RUN.check(row, answer);
  }

  @Test
  @DisplayName("PRC-3 what an unprivileged reader sees is refused as input, in one sentence")
  void unprivilegedIsRefused() {
    String text = IomemText.formatUnprivileged(Maps.m().snapshot().root());
    assertThat(text.lines()).allMatch(line -> line.strip().startsWith("00000000-00000000 : "));
    assertThatThrownBy(() -> IomemText.parse(text))
        .isInstanceOf(IomemFormatException.class)
        .hasMessageContaining("read /proc/iomem as root");
  }
}
