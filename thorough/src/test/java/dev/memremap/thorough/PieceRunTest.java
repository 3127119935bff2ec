// SPDX-License-Identifier: Apache-2.0
package dev.memremap.thorough;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PieceRunTest {
  private static final Piece PIECE = new Piece("a piece", "core", 60, module -> List.of());
  private static final String SUMMARY =
      """
      [         3 tests found           ]
      [         1 tests skipped         ]
      [         1 tests aborted         ]
      [       %d tests successful      ]
      [         %d tests failed          ]
      """;

  @TempDir private Path folder;

  private static PieceRun ended(int status, String output) {
    return new PieceRun(PIECE, status, output, Duration.ofSeconds(75));
  }

  @Test
  @DisplayName("a piece whose tests passed holds, and says how many there were")
  void holds() {
    PieceRun run = ended(0, SUMMARY.formatted(953, 0));
    assertThat(run.holds()).isTrue();
    assertThat(run).hasToString("a piece: held in 1:15, 953 tests passed, 0 failed, 2 not run");
  }

  @Test
  @DisplayName("a piece fails by its exit status, whatever it counted")
  void exitStatus() {
    PieceRun run = ended(134, "");
    assertThat(run.holds()).isFalse();
    assertThat(run).hasToString("a piece: FAILED with exit status 134 in 1:15");
  }

  @Test
  @DisplayName("a piece fails by a test that failed, whatever its exit status")
  void failedTest() {
    assertThat(ended(0, SUMMARY.formatted(952, 1)).holds()).isFalse();
  }

  @Test
  @DisplayName("a piece fails by a complaint of -Xcheck:jni, which does not end the JVM")
  void jni() {
    String complaint = "WARNING in native method: JNI call made without checking exceptions\n";
    assertThat(ended(0, complaint + SUMMARY.formatted(953, 0)).holds()).isFalse();
  }

  @Test
  @DisplayName("a piece runs in its module's folder, and all it writes is kept")
  void runs() throws Exception {
    Files.createDirectory(folder.resolve("core"));
    Files.writeString(
        folder.resolve("core/Here.java"),
        "void main() { System.err.println(System.getProperty(\"user.dir\")); System.exit(3); }");
    Piece piece = new Piece("here", "core", 1, module -> List.of("Here.java"));
    Path log = folder.resolve("log");
    PieceRun run = PieceRun.of(piece, folder, Thorough.java(""), log);
    assertThat(run.exitStatus()).isEqualTo(3);
    assertThat(run.output()).contains(folder.resolve("core").toString());
    assertThat(log).hasContent(run.output());
  }

  @ParameterizedTest
  @CsvSource({"42, 42", "-7, -7", "'', null"})
  @DisplayName("a piece draws with the seed that the build was given, else with its own")
  void seed(String given, String drawnWith) throws Exception {
    Files.createDirectory(folder.resolve("core"));
    Files.writeString(
        folder.resolve("core/Seed.java"),
        "void main() { IO.println(Long.getLong(\"dev.memremap.seed\")); }");
    Piece piece = new Piece("seed", "core", 1, module -> List.of("Seed.java"));
    PieceRun run = PieceRun.of(piece, folder, Thorough.java(given), folder.resolve("log"));
    assertThat(run.output().strip()).isEqualTo(drawnWith);
    assertThat(run.exitStatus()).isZero();
  }

  @Test
  @DisplayName("the parts of a module's test classes are all of them, each once")
  void parts() throws IOException {
    Path classes = Files.createDirectories(folder.resolve("target/test-classes/a/b"));
    for (String name : List.of("OneTest", "OneTest$Inner", "TwoTest", "ThreeTest", "Fixture")) {
      Files.createFile(classes.resolve(name + ".class"));
    }
    BuiltModule module = new BuiltModule(folder);
    assertThat(module.testClasses(1, 1))
        .containsExactly("a.b.OneTest", "a.b.ThreeTest", "a.b.TwoTest");
    assertThat(module.testClasses(1, 2)).containsExactly("a.b.OneTest", "a.b.TwoTest");
    assertThat(module.testClasses(2, 2)).containsExactly("a.b.ThreeTest");
  }

  @Test
  @DisplayName("the class path is the one the build wrote, behind the module's own classes")
  void classPath() throws IOException {
    BuiltModule module = new BuiltModule(folder);
    assertThatThrownBy(() -> module.testClassPath("console.jar"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("run this as part of mvn -Pthorough verify");
    Files.createDirectory(folder.resolve("target"));
    Files.writeString(folder.resolve("target/test.classpath"), "a.jar\n");
    assertThat(module.testClassPath("console.jar").split(File.pathSeparator))
        .containsExactly(
            folder.resolve("target/test-classes").toString(),
            folder.resolve("target/classes").toString(),
            "a.jar",
            "console.jar");
  }
}
