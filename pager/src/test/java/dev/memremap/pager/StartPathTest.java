// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

  @Test
  @DisplayName("What a class loader of the application's has is added, and nothing twice")
  void sources() {
    List<URI> sources =
        List.of(
            URI.create("file:/app/WEB-INF/lib/pager.jar"),
            URI.create("file:/c/core.jar"),
            URI.create("file:/a.jar"),
            URI.create("file:/app/with%20space/classes/"));

    assertThat(StartPath.with("/a.jar:/c/*", sources))
        .isEqualTo("/a.jar:/c/*:/app/WEB-INF/lib/pager.jar:/app/with space/classes");
    assertThat(StartPath.with("", List.of())).isEmpty();
    assertThat(StartPath.with("", sources.subList(2, 3))).isEqualTo("/a.jar");
  }

  @Test
  @DisplayName("A jar inside a jar is refused, and the way out is named")
  void noFile() {
    String source = "jar:nested:/app.jar/!BOOT-INF/lib/pager.jar!/";
    assertThatThrownBy(() -> StartPath.with("/app.jar", List.of(URI.create(source))))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining(source)
        .hasMessageEndingWith("-Ddev.memremap.pager.path=A.jar:B.jar");
  }

  @Test
  @DisplayName("An image of jlink has all but HdrHistogram, which has to be named")
  void image() {
    List<URI> image = List.of(URI.create("jrt:/dev.memremap.pager"));
    assertThat(StartPath.with("/HdrHistogram.jar", image)).isEqualTo("/HdrHistogram.jar");
    assertThatThrownBy(() -> StartPath.with("", image))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageEndingWith("-Ddev.memremap.pager.path=HdrHistogram.jar");
  }
}
