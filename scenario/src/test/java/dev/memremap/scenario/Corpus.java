// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The scenarios whose answers a kernel gave, copied into the test's resources. */
final class Corpus {
  private Corpus() {}

  static Path folder() {
    try {
      return Path.of(Objects.requireNonNull(Corpus.class.getResource("/scenarios")).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The scenarios answered by the kernel we follow: taught and generated. */
  static List<Path> followed() {
    return Stream.concat(below("taught").stream(), below("generated").stream()).toList();
  }

  static List<Path> below(String part) {
    try (Stream<Path> walk = Files.walk(folder().resolve(part))) {
      return walk.filter(path -> path.toString().endsWith(".scenario")).sorted().toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Our answers, on a machine with this kernel, beside the kernel's that lie beside a scenario. */
  static Comparison check(Path scenario, Kernel kernel) {
    return new ScenarioRun(
            one -> MachineExecutor.open(one, kernel.isFollowed() ? null : kernel.version()),
            ScenarioRun.Options.NONE,
            new StringBuilder(),
            new StringBuilder())
        .check(scenario, kernel);
  }

  /** {@code taught/zero-size}. */
  static String nameOf(Path scenario) {
    return folder().relativize(scenario).toString().replace('\\', '/').replace(".scenario", "");
  }
}
