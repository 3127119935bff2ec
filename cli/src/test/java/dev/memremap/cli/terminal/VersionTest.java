// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.cli.CommandRun;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class VersionTest {
  @Test
  @DisplayName("a jar's manifest says the version and the commit")
  void ofAJar(@TempDir Path folder) throws Exception {
    Path jar = folder.resolve("memremap-cli.jar");
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, "1.2 (abc1234)");
    String entry = Version.class.getName().replace('.', '/') + ".class";
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest);
        var code = Version.class.getClassLoader().getResourceAsStream(entry)) {
      out.putNextEntry(new ZipEntry(entry));
      code.transferTo(out);
    }
    ClassLoader others = Version.class.getClassLoader();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {jar.toUri().toURL()}, null) {
          @Override
          protected Class<?> findClass(String name) throws ClassNotFoundException {
            return name.equals(Version.class.getName())
                ? super.findClass(name)
                : others.loadClass(name);
          }
        }) {
      Object said =
          loader
              .loadClass(Version.class.getName())
              .getMethod("of", String.class)
              .invoke(null, "memremap");
      assertThat(said).isEqualTo("memremap 1.2 (abc1234)");
    }
  }

  @Test
  @DisplayName("a command is named as it is called, and class files have no version")
  void ofClassFiles() {
    @Command(name = "memremap-some", versionProvider = Version.class)
    class Some {}

    assertThat(new CommandLine(new Some()).getCommandSpec().version())
        .containsExactly(Version.of("memremap-some", null));
    assertThat(Version.of("memremap-some", null)).startsWith("memremap-some, version unknown: ");
  }

  @Test
  @DisplayName("--version prints it")
  void isPrinted() {
    assertThat(CommandRun.run("--version").out()).isEqualTo(Version.of("memremap") + "\n");
  }
}
