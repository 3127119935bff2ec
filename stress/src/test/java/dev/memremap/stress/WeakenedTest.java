// SPDX-License-Identifier: Apache-2.0
package dev.memremap.stress;

import static dev.memremap.stress.Weakening.ADDITION_BECOMES_STORE;
import static dev.memremap.stress.Weakening.CAS_BECOMES_STORE;
import static dev.memremap.stress.Weakening.COPY_IS_LEFT_OUT;
import static dev.memremap.stress.Weakening.FIELD_BECOMES_PLAIN;
import static dev.memremap.stress.Weakening.LOCK_IS_LEFT_OUT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.LiveMappingsModel;
import dev.memremap.Machine;
import dev.memremap.devres.DevresModel;
import dev.memremap.internal.pages.HandOutModel;
import dev.memremap.internal.pages.PageWordModel;
import dev.memremap.internal.pages.PagemapTableModel;
import dev.memremap.internal.pages.PutByUnmappingModel;
import dev.memremap.internal.space.DeviceArenasModel;
import dev.memremap.internal.space.ResourceTreeModel;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Weakens one compare-and-set, lock or memory order of the library, and looks whether the test of
 * its structure fails. Each row runs in a JVM of its own, with the weakened class before the
 * others.
 */
@Tag("thorough")
class WeakenedTest {

  static Stream<Arguments> models() {
    return Stream.of(
        row("Mapping$Live", "add", CAS_BECOMES_STORE, LiveMappingsModel.class),
        row("internal.pages.PageWord", "replace", CAS_BECOMES_STORE, PageWordModel.class),
        row("internal.pages.PageWord", "hold", CAS_BECOMES_STORE, PageWordModel.class),
        row("internal.pages.PageWord", "handOut", CAS_BECOMES_STORE, HandOutModel.class),
        row("internal.pages.PageWord", "makeTail", CAS_BECOMES_STORE, HandOutModel.class),
        row("internal.pages.PageWord", "freeze", CAS_BECOMES_STORE, HandOutModel.class),
        row("internal.pages.PageWord", "putOwn", CAS_BECOMES_STORE, PutByUnmappingModel.class),
        row(
            "internal.pages.PagemapTable",
            "copySetting",
            COPY_IS_LEFT_OUT,
            PagemapTableModel.class),
        row(
            "internal.space.ResourceTree",
            "requestRegion",
            LOCK_IS_LEFT_OUT,
            ResourceTreeModel.class),
        row("internal.space.DeviceArena", "left", LOCK_IS_LEFT_OUT, DeviceArenasModel.class),
        row("internal.space.DeviceArena", "left", ADDITION_BECOMES_STORE, DeviceArenasModel.class),
        row("internal.space.DeviceArenas", "enter", LOCK_IS_LEFT_OUT, DeviceArenasModel.class),
        row("devres.Devres", "add", LOCK_IS_LEFT_OUT, DevresModel.class),
        row("devres.Devres", "isStillListed", LOCK_IS_LEFT_OUT, DevresModel.class),
        row("devres.Devres", "releaseAll", LOCK_IS_LEFT_OUT, DevresModel.class));
  }

  private static Arguments row(String type, String member, Weakening how, Class<?> model) {
    return Arguments.of(type, member, how, model);
  }

  @ParameterizedTest(name = "{0}.{1}: {2}")
  @MethodSource("models")
  @DisplayName("a model finds what a lost compare-and-set or lock does")
  void found(String type, String member, Weakening how, Class<?> model, @TempDir Path folder)
      throws Exception {
    weaken(type, member, how, folder);
    Run run =
        run(
            folder,
            "-XX:+EnableDynamicAgentLoading",
            "-Ddev.memremap.models.scenarios=100",
            "-Ddev.memremap.models.runs=2000",
            ModelCheck.class.getName(),
            model.getName());
    assertThat(run.status()).as(run.output()).isEqualTo(ModelCheck.BROKEN);
  }

  @ParameterizedTest(name = "{0}.{1}: {2}")
  @MethodSource
  @DisplayName("a reader that would never see a change is found")
  void neverSeen(String type, String member, Weakening how, @TempDir Path folder) throws Exception {
    weaken(type, member, how, folder);
    Run run = run(folder, Races.class.getName(), "-t", "ChangesAreSeen", "-m", "quick", "-f", "1");
    assertThat(run.status()).as(run.output()).isNotZero();
    assertThat(run.output()).contains("STALE");
  }

  static Stream<Arguments> neverSeen() {
    return Stream.of(
        Arguments.of("internal.pages.PagemapTable", "root", FIELD_BECOMES_PLAIN),
        Arguments.of("internal.space.ResourceTree", "snapshot", FIELD_BECOMES_PLAIN),
        Arguments.of("Mapping", "open", FIELD_BECOMES_PLAIN),
        Arguments.of("devres.Devres", "size", LOCK_IS_LEFT_OUT));
  }

  private static void weaken(String type, String member, Weakening how, Path folder)
      throws IOException {
    String file = ("dev/memremap/" + type.replace('.', '/')) + ".class";
    byte[] bytes;
    try (InputStream in = Machine.class.getClassLoader().getResourceAsStream(file)) {
      bytes = in.readAllBytes();
    }
    Path weakened = folder.resolve(file);
    Files.createDirectories(weakened.getParent());
    Files.write(weakened, how.of(bytes, member));
  }

  private record Run(int status, String output) {}

  private static Run run(Path folder, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-cp");
    command.add(folder + File.pathSeparator + System.getProperty("java.class.path"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    return new Run(process.waitFor(), output);
  }
}
