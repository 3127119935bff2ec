// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.testing.PublicApi;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The conditions on what this module exports, and on what it needs. */
class PublicApiTest {
  private static final PublicApi API = PublicApi.of(ValkeyStore.class);
  private static final Path WRITTEN = Path.of("src/test/resources/api/valkey.txt");

  @Test
  @DisplayName("the public API is as it is written down; -Dapi.update=true writes it anew")
  void isAsWritten() throws IOException {
    assertThat(API.differencesFrom(WRITTEN)).isEmpty();
  }

  @Test
  @DisplayName("no exported type shows one of Lettuce or netty, nor one that is not exported")
  void nothingForeign() {
    assertThat(API.internal()).isEmpty();
    assertThat(API.lines())
        .noneMatch(line -> line.contains("io.lettuce") || line.contains("io.netty"));
  }

  @Test
  @DisplayName(
      "the module needs the JDK, the pager, Lettuce and its netty, and its users see the pager alone")
  void needs() throws IOException {
    try (InputStream in = Files.newInputStream(API.root().resolve("module-info.class"))) {
      assertThat(ModuleDescriptor.read(in).requires())
          .filteredOn(required -> !required.modifiers().contains(Modifier.STATIC))
          .filteredOn(required -> !required.name().startsWith("java."))
          .extracting(required -> required.name() + required.modifiers())
          .containsExactlyInAnyOrder(
              "dev.memremap.pager[TRANSITIVE]",
              "io.netty.buffer[]",
              "io.netty.common[]",
              "io.netty.handler[]",
              "io.netty.transport[]",
              "lettuce.core[]");
    }
  }
}
