// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.version;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.benchmarks.ReferenceBenchmark;
import dev.memremap.benchmarks.Subject.Benchmarked;
import dev.memremap.benchmarks.TebibyteMap;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VersionTest {
  @TempDir private Path folder;

  private Path jar(String name, String... entries) throws IOException {
    Path jar = folder.resolve(name);
    try (OutputStream out = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (String entry : entries) {
        zip.putNextEntry(new ZipEntry(entry));
        if (entry.equals(BenchmarkIndex.LIST)) {
          // of the same length, for the list says how long each name is
          zip.write(
              list().replace("dev.memremap.benchmarks.", "dev.memremap.relocation.").getBytes());
        }
      }
    }
    return jar;
  }

  private static String list() throws IOException {
    try (var in = VersionTest.class.getResourceAsStream("/" + BenchmarkIndex.LIST)) {
      return new String(in.readAllBytes());
    }
  }

  private static final String[] WHOLE = {
    "org/openjdk/jmh/Main.class",
    "dev/memremap/Machine.class",
    "dev/memremap/relocation/TebibyteMap.class"
  };

  @Test
  @DisplayName("a jar with a list of benchmarks is run as it is")
  void benchmarks() throws IOException {
    Path jar =
        jar(
            "a.jar",
            Stream.concat(Stream.of(BenchmarkIndex.LIST), Stream.of(WHOLE)).toArray(String[]::new));
    Version version = Version.ofJar(jar);
    assertThat(version.name()).isEqualTo("a.jar");
    assertThat(version.classPath()).isEqualTo(jar.toString());
  }

  @Test
  @DisplayName("benchmarks that moved to another package are found, and so are programs")
  void moved() throws IOException {
    Path jar =
        jar(
            "a.jar",
            Stream.concat(Stream.of(BenchmarkIndex.LIST), Stream.of(WHOLE)).toArray(String[]::new));
    BenchmarkIndex index = Version.ofJar(jar).index();
    Benchmarked wanted =
        Benchmarked.of(ReferenceBenchmark.class, "percpuGetPut").param("path", "CELLS");
    assertThat(index.benchmark(wanted).orElseThrow().getUsername())
        .isEqualTo("dev.memremap.relocation.ReferenceBenchmark.percpuGetPut");
    assertThat(index.benchmark(Benchmarked.of(ReferenceBenchmark.class, "percpuGetPut"))).isEmpty();
    assertThat(index.benchmark(wanted.param("colour", "red"))).isEmpty();
    assertThat(index.benchmark(Benchmarked.of(VersionTest.class, "percpuGetPut"))).isEmpty();
    assertThat(index.program(TebibyteMap.class)).hasValue("dev.memremap.relocation.TebibyteMap");
    assertThat(index.program(VersionTest.class)).isEmpty();
  }

  @Test
  @DisplayName("a jar of the library takes the place of ours on the class path")
  void core() throws IOException, InterruptedException {
    Path jar = jar("core.jar", "dev/memremap/Machine.class");
    List<String> ours = List.of(Version.here().classPath().split(File.pathSeparator));
    List<String> theirs = List.of(Version.ofJar(jar).classPath().split(File.pathSeparator));
    assertThat(theirs).hasSameSizeAs(ours).startsWith(jar.toString());
    List<String> gone = new ArrayList<>(ours);
    gone.removeAll(theirs);
    assertThat(gone).singleElement().asString().contains("core");
  }

  @Test
  @DisplayName("a jar that is neither, is not one, or is not there is refused in one sentence")
  void refused() throws IOException {
    Path text = Files.writeString(folder.resolve("text.jar"), "text");
    assertThatThrownBy(() -> Version.ofJar(text)).hasMessage(text + " is not a jar");
    Path none = folder.resolve("none.jar");
    assertThatThrownBy(() -> Version.ofJar(none)).hasMessage(none + " does not exist");
    Path other = jar("other.jar", "A.class");
    assertThatThrownBy(() -> Version.ofJar(other))
        .hasMessageContaining("it lacks dev/memremap/Machine.class");
    Path odd = jar("odd.jar", WHOLE);
    try (FileSystem files = FileSystems.newFileSystem(odd)) {
      Files.createDirectory(files.getPath("META-INF"));
      Files.writeString(files.getPath(BenchmarkIndex.LIST), "JMH of another time\n");
    }
    assertThatThrownBy(() -> Version.ofJar(odd))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(odd + " has a list of benchmarks that this JMH cannot read");
    Path half = jar("half.jar", BenchmarkIndex.LIST);
    assertThatThrownBy(() -> Version.ofJar(half)).hasMessageContaining("take benchmarks.jar");
  }

  @Test
  @DisplayName("the user's cache is XDG_CACHE_HOME, or ~/.cache")
  void cache() {
    assertThat(CommitBuilder.cache(Map.of("XDG_CACHE_HOME", "/c")))
        .isEqualTo(Path.of("/c/memremap/bench"));
    for (Map<String, String> unset :
        List.of(Map.<String, String>of(), Map.of("XDG_CACHE_HOME", ""))) {
      assertThat(CommitBuilder.cache(unset))
          .isEqualTo(Path.of(System.getProperty("user.home"), ".cache/memremap/bench"));
    }
  }
}
