// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings that another process reads are those that were written. */
class SettingsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/a.jar:/b/classes",
        "/with spaces in it/a b.jar: /leading:/trailing ",
        "/a=b:/#c:/!d:/e\\f",
        "/ta\tb:/line\nbreak:/return\r",
        "/ü/日本語/\uD83D\uDE00.jar",
        "",
        "\\u0041"
      })
  @DisplayName("Each setting survives, whatever characters it has")
  void roundTrip(String text) {
    Settings settings =
        new Settings(
            URI.create("file:///tmp/a%20b%C3%BC?x=1&y=%23#z"),
            (1L << 43) - 4096,
            4096,
            1L << 40,
            Duration.ofNanos(1_234_567_891),
            false,
            true,
            Path.of("/tmp/ a=b:" + (canBeName(text) ? text.replace("/", "_") : "")),
            text,
            "a.b.C$D",
            Long.MAX_VALUE - 1);

    assertThat(Settings.of(settings.toBytes())).isEqualTo(settings);
    assertThat(settings.pages()).isEqualTo(Integer.MAX_VALUE);
  }

  /** In a plain POSIX locale the JDK has no names of files beyond ASCII. */
  private static boolean canBeName(String text) {
    return Charset.forName(System.getProperty("sun.jnu.encoding")).newEncoder().canEncode(text);
  }
}
