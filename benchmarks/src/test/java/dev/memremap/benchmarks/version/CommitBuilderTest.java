// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.version;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In a repository of its own, with a script in Maven's place. */
class CommitBuilderTest {
  private static final String WRITES_A_JAR =
      "mkdir -p benchmarks/target && cp benchmarks/pom.xml benchmarks/target/benchmarks.jar";

  @TempDir private Path repository;
  @TempDir private Path cache;
  @TempDir private Path scripts;

  private final List<String> said = new ArrayList<>();

  @BeforeEach
  void commits() throws Exception {
    git("init", "-q", "-b", "main");
    commit("README", "one", "no benchmarks yet");
    git("tag", "first");
    commit("benchmarks/pom.xml", "two", "benchmarks");
    git("tag", "second");
    commit("benchmarks/pom.xml", "three", "another");
  }

  private void commit(String file, String text, String subject) throws Exception {
    Path path = repository.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
    git("add", "-A");
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", subject);
  }

  private void git(String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("git", "-C", repository.toString()));
    command.addAll(List.of(words));
    Process git = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(git.waitFor()).as(output).isZero();
  }

  private CommitBuilder builder(String script) throws IOException {
    Path maven = Files.writeString(scripts.resolve("maven"), script);
    return new CommitBuilder(
        new Repository(repository), cache, List.of("/bin/sh", maven.toString()));
  }

  private String hash(String name) throws InterruptedException {
    return new Repository(repository).commit(name).orElseThrow();
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> !file.equals(folder)).toList();
    }
  }

  @Test
  @DisplayName("a commit is named by hash, branch, tag or HEAD~1; other words name none")
  void names() throws InterruptedException {
    assertThat(hash("main")).hasSize(40).isEqualTo(hash("HEAD")).isEqualTo(hash(hash("HEAD")));
    assertThat(hash("HEAD~1")).isEqualTo(hash("second"));
    for (String none : List.of("no-such-branch", "--all", "-h", "", "HEAD:README", "HEAD HEAD")) {
      assertThat(new Repository(repository).commit(none)).as(none).isEmpty();
    }
  }

  @Test
  @DisplayName("the repository of these classes is the whole one, wherever in it they lie")
  void top() throws Exception {
    Optional<Repository> ours = Repository.ofTheseClasses();
    assumeThat(ours).as("these classes lie in a repository").isPresent();
    assertThat(ours.orElseThrow().folder().resolve("core/pom.xml")).exists();
    String head = ours.orElseThrow().commit("HEAD").orElseThrow();
    assertThat(ours.orElseThrow().head()).startsWith(Repository.shortened(head));
    ours.orElseThrow().extract(head, scripts);
    assertThat(scripts.resolve("core/pom.xml")).exists();
  }

  @Test
  @DisplayName("a commit's own files are built, once; the next run takes the jar from the cache")
  void once() throws IOException, InterruptedException {
    CommitBuilder builder = builder(WRITES_A_JAR);
    Path jar = builder.jar(hash("second"), said::add);
    assertThat(jar)
        .isEqualTo(cache.resolve(hash("second")).resolve("benchmarks.jar"))
        .hasContent("two");
    assertThat(said)
        .containsExactly(
            "builds %s once, and keeps it in %s".formatted(hash("second").substring(0, 12), jar));
    assertThat(builder.jar(hash("main"), said::add)).hasContent("three");
    assertThat(builder("exit 1").jar(hash("second"), said::add)).isEqualTo(jar);
    assertThat(files(cache)).hasSize(4);
    assertThat(said).hasSize(2);
  }

  @Test
  @DisplayName("a commit's launcher has a tree of its own, which is kept with what it builds there")
  void launcher() throws Exception {
    commit("memremap", "#!/bin/sh\n", "the command");
    assertThat(repository.resolve("memremap").toFile().setExecutable(true)).isTrue();
    commit("other", "file", "it can be started");
    CommitBuilder builder = builder("exit 1");
    Path launcher = builder.launcher(hash("main"), said::add);
    assertThat(launcher)
        .isEqualTo(cache.resolve(hash("main")).resolve("tree").resolve("memremap"))
        .isExecutable()
        .hasSameTextualContentAs(repository.resolve("memremap"));
    assertThat(said).hasSize(1).first().asString().startsWith("builds the command of ");
    Path built = Files.writeString(launcher.resolveSibling("built"), "by the first start");
    assertThat(builder.launcher(hash("main"), said::add)).isEqualTo(launcher);
    assertThat(built).exists();
    assertThat(said).hasSize(1);
    try (Stream<Path> left = Files.list(cache)) {
      assertThat(left).containsExactly(cache.resolve(hash("main")));
    }
  }

  @Test
  @DisplayName("a commit without a launcher is refused, and leaves nothing behind")
  void noLauncher() throws Exception {
    String second = hash("second");
    CommitBuilder builder = builder("exit 1");
    assertThatThrownBy(() -> builder.launcher(second, said::add))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("%s has no launcher memremap", second.substring(0, 12));
    assertThat(cache).isEmptyDirectory();
  }

  @Test
  @DisplayName("a build that fails is one sentence with Maven's first, and leaves nothing behind")
  void fails() throws Exception {
    Path where = scripts.resolve("where");
    CommitBuilder builder =
        builder(
            WRITES_A_JAR
                + "; pwd >"
                + where
                + "; echo '[INFO] x'; echo '[ERROR] '; echo \"[ERROR] $PWD/A.java: no such class\"; exit 1");
    String hash = hash("main");
    assertThatThrownBy(() -> builder.jar(hash, said::add))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("%s does not build; Maven says: A.java: no such class", hash.substring(0, 12));
    assertThat(cache).isEmptyDirectory();
    assertThat(Path.of(Files.readString(where).strip())).doesNotExist();
  }

  @Test
  @DisplayName("a build that ends well without a jar, or a commit without benchmarks, is refused")
  void noJar() throws Exception {
    String main = hash("main");
    assertThatThrownBy(() -> builder("true").jar(main, said::add))
        .hasMessageContaining("there is no benchmarks/target/benchmarks.jar");
    String first = hash("first");
    assertThatThrownBy(() -> builder(WRITES_A_JAR).jar(first, said::add))
        .hasMessage("%s has no module benchmarks", first.substring(0, 12));
    assertThat(cache).isEmptyDirectory();
  }

  @Test
  @DisplayName("without Maven the sentence says so")
  void noMaven() throws Exception {
    CommitBuilder builder =
        new CommitBuilder(
            new Repository(repository), cache, List.of(scripts.resolve("none").toString()));
    String hash = hash("main");
    assertThatThrownBy(() -> builder.jar(hash, said::add))
        .hasMessage("Maven is needed to build %s and is not on the PATH", hash.substring(0, 12));
    assertThat(cache).isEmptyDirectory();
  }

  @Test
  @DisplayName("what is neither a jar nor a commit is one sentence, and nothing is built")
  void neither() throws IOException {
    CommitBuilder builder = builder("exit 1");
    assertThatThrownBy(() -> Version.ofCommit("no-such", builder, said::add))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'no-such' is neither a file that ends in .jar nor a commit of %s", repository);
    Path file = Files.writeString(scripts.resolve("README.md"), "text");
    assertThatThrownBy(() -> Version.ofCommit(file.toString(), builder, said::add))
        .hasMessage("'%s' is a file, but its name does not end in .jar", file);
    assertThat(said).isEmpty();
    assertThat(cache).isEmptyDirectory();
  }
}
