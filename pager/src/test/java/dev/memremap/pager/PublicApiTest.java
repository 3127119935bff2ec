// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import dev.memremap.testing.ModularConsumer;
import dev.memremap.testing.PublicApi;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleDescriptor.Requires.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The conditions on what this module exports, and on what it needs. */
class PublicApiTest {
  private static final PublicApi API = PublicApi.of(RemoteMemory.class);
  private static final Path WRITTEN = Path.of("src/test/resources/api/pager.txt");

  private static final String USER =
      """
      package user;

      import dev.memremap.pager.RemoteMemory;
      import dev.memremap.pager.store.FileStore;
      import java.nio.file.Path;

      class User {
        long first(Path file) {
          try (RemoteMemory memory =
              RemoteMemory.open(FileStore.at(file), 1L << 30, RemoteMemory.resident(1 << 20))) {
            return memory.getLong(0) + memory.figures().resident();
          }
        }
      }
      """;

  @TempDir private Path folder;

  @Test
  @DisplayName("the public API is as it is written down; -Dapi.update=true writes it anew")
  void isAsWritten() throws IOException {
    assertThat(API.differencesFrom(WRITTEN)).isEmpty();
  }

  @Test
  @DisplayName("no exported type shows one that is not exported")
  void nothingInternal() {
    assertThat(API.internal()).isEmpty();
  }

  @Test
  @DisplayName("the module needs the JDK and core; what else it reads is optional")
  void needs() throws IOException {
    try (InputStream in = Files.newInputStream(API.root().resolve("module-info.class"))) {
      assertThat(needed(ModuleDescriptor.read(in))).containsExactly("dev.memremap");
    }
    ModuleDescriptor planted =
        ModuleDescriptor.newModule("planted")
            .requires("java.base")
            .requires("jdk.jfr")
            .requires("HdrHistogram")
            .requires(Set.of(Modifier.STATIC), "micrometer.core")
            .build();
    assertThat(needed(planted)).containsExactly("HdrHistogram");
  }

  /** The modules that a user has to have, but for those of the JDK. */
  private static List<String> needed(ModuleDescriptor module) {
    return module.requires().stream()
        .filter(required -> !required.modifiers().contains(Modifier.STATIC))
        .map(Requires::name)
        .filter(name -> !name.startsWith("java.") && !name.startsWith("jdk."))
        .toList();
  }

  @Test
  @DisplayName("a modular consumer compiles with the JDK and our jars alone")
  void compiles() throws Exception {
    assertThat(compile(USER)).isEmpty();
  }

  @Test
  @DisplayName("a modular consumer cannot name what is not exported")
  void internal() throws Exception {
    String peeking =
        USER.replace("class User", "class User extends dev.memremap.pager.internal.fault.X");
    assertThat(compile(peeking)).contains("dev.memremap.pager.internal.fault");
  }

  private String compile(String source) throws Exception {
    return new ModularConsumer(folder)
        .compile(
            "module x { requires dev.memremap.pager; }", source, Machine.class, RemoteMemory.class);
  }
}
