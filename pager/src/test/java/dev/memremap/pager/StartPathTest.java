// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The class path of a pager's processes is what the application was started with. */
class StartPathTest {
  @TempDir private Path folder;

  private Path file(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.createFile(file);
  }

  @Test
  @DisplayName("A class path stays as it is, but for names that depend on the working directory")
  void classPath() {
    assertThat(StartPath.of("a.jar:/b/classes:/c/*", ""))
        .isEqualTo(Path.of("a.jar").toAbsolutePath() + ":/b/classes:/c/*");
    assertThat(StartPath.of("", "")).isEmpty();
  }

  @Test
  @DisplayName("A folder of modules on the module path is each of them")
  void folderOfModules() throws IOException {
    Path jar = file("lib/pager.jar");
    Path other = file("lib/core.jar");
    Path exploded = file("lib/app/module-info.class").getParent();
    file("lib/notes.txt");
    file("lib/empty/notes.txt");

    assertThat(StartPath.of("/x.jar", folder.resolve("lib").toString()))
        .isEqualTo("/x.jar:%s:%s:%s".formatted(exploded, other, jar));
  }

  @Test
  @DisplayName("A module on the module path, a folder or a jar, is itself")
  void module() throws IOException {
    Path exploded = file("app/module-info.class").getParent();
    Path jar = file("pager.jar");

    assertThat(StartPath.of("", exploded + ":" + jar)).isEqualTo(exploded + ":" + jar);
  }
}
