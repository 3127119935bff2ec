// SPDX-License-Identifier: Apache-2.0
package dev.memremap.thorough;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThoroughTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

  private int run(String... args) throws InterruptedException {
    return Thorough.run(
        args,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(errors, true, StandardCharsets.UTF_8));
  }

  @Test
  @DisplayName("the shares are listed without a class path, as CONTRIBUTING says")
  void list() throws InterruptedException {
    assertThat(run(".", "list")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .startsWith("share 1/")
        .contains("all shares: about ");
    assertThat(errors.size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", ". 1/2", ". 1/2 a.jar more"})
  @DisplayName("arguments that are missing or too many are refused in one sentence")
  void refused(String args) throws InterruptedException {
    assertThat(run(args.isEmpty() ? new String[0] : args.split(" "))).isEqualTo(2);
    assertThat(errors.toString(StandardCharsets.UTF_8))
        .startsWith("write FOLDER list, or FOLDER SHARE CLASSPATH")
        .hasLineCount(1);
    assertThat(out.size()).isZero();
  }
}
