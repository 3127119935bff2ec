// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What pages show that takes longer: a build by Maven, a kernel as judge. */
@Tag("thorough")
class LongDocumentsTest {
  /** The pom that is installed: it needs no parent. */
  private static final String FLAT = "target/.flattened-pom.xml";

  private static final Path REPOSITORY =
      Path.of(
          System.getProperty(
              "maven.repo.local", System.getProperty("user.home") + "/.m2/repository"));

  @TempDir private Path folder;

  static Stream<Page> pages() throws IOException {
    return Page.all().stream()
        .filter(page -> page.blocks().stream().anyMatch(block -> block.is(Mark.Kind.THOROUGH)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("pages")
  @DisplayName("what a page shows is what is printed, also where that takes long")
  void isPrinted(Page page) throws Exception {
    Path place = Files.createDirectory(folder.resolve("empty"));
    // Maven works without a network, and finds us in a repository of its own
    Path repository = repository(Files.createDirectory(folder.resolve("repository")));
    Files.createDirectory(place.resolve(".mvn"));
    Files.writeString(
        place.resolve(".mvn/maven.config"), "-o\n-Dmaven.repo.local=" + repository + "\n");
    List<String> differences;
    try (PageRun run = PageRun.thorough(place, Files.createDirectory(folder.resolve("scratch")))) {
      run.carryOut(page);
      differences = run.differences();
    } finally {
      unlink(repository);
      unlink(repository.resolve("dev"));
    }
    assertThat(differences).isEmpty();
  }

  /** A repository with what the build's own has, and with what {@code mvn install} would put in. */
  private static Path repository(Path to) throws IOException {
    link(REPOSITORY, to, "dev");
    Path ours = Files.createDirectory(to.resolve("dev"));
    if (Files.isDirectory(REPOSITORY.resolve("dev"))) {
      link(REPOSITORY.resolve("dev"), ours, "memremap");
    }
    Path group = ours.resolve("memremap");
    String version = version();
    for (String module : List.of("core", "testkit")) {
      Path home = Page.ROOT.resolve(module);
      install(
          group,
          "memremap-" + module,
          version,
          home.resolve(FLAT),
          home.resolve("target/memremap-%s-%s.jar".formatted(module, version)));
    }
    return to;
  }

  private static String version() throws IOException {
    String pom = Files.readString(Page.ROOT.resolve("pom.xml"));
    int from = pom.indexOf("<revision>") + "<revision>".length();
    return pom.substring(from, pom.indexOf("</revision>"));
  }

  private static void install(Path group, String artifact, String version, Path pom, Path jar)
      throws IOException {
    Path place = Files.createDirectories(group.resolve(artifact).resolve(version));
    String name = artifact + "-" + version;
    Files.copy(pom, place.resolve(name + ".pom"));
    assertThat(jar).as("the jar that this build has made").exists();
    Files.copy(jar, place.resolve(name + ".jar"));
  }

  private static void link(Path from, Path to, String except) throws IOException {
    for (File each : from.toFile().listFiles()) {
      if (!each.getName().equals(except)) {
        Files.createSymbolicLink(to.resolve(each.getName()), each.toPath());
      }
    }
  }

  private static void unlink(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path link : files.filter(Files::isSymbolicLink).toList()) {
        Files.delete(link);
      }
    }
  }
}
