// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** C-14: scenarios that put what they have not taken answer every line, and end. */
class PutTooManyScenarioTest {
  private static final Path FIELD = Path.of("src/test/resources/field");
  private static final Logger LOGGER = Logger.getLogger("dev.memremap");

  private final List<String> warnings = new ArrayList<>();
  private final StringBuilder out = new StringBuilder();
  private final StringBuilder errors = new StringBuilder();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord logged) {
          warnings.add(logged.getMessage());
        }

        @Override
        public void flush() {
          // nothing is held back
        }

        @Override
        public void close() {
          // nothing is open
        }
      };

  @BeforeEach
  void listen() {
    LOGGER.addHandler(handler);
    LOGGER.setUseParentHandlers(false);
  }

  @AfterEach
  void stopListening() {
    LOGGER.removeHandler(handler);
    LOGGER.setUseParentHandlers(true);
  }

  private ScenarioRun.Outcome run(Path scenario) {
    return new ScenarioRun(MachineExecutor::open, ScenarioRun.Options.NONE, out, errors)
        .run(List.of(scenario));
  }

  @Test
  @DisplayName(
      "C-14 a driver that puts a reference twice: every line answers, one warning names the map")
  void field() {
    assertThat(run(FIELD.resolve("one-put-too-many.scenario"))).isEqualTo(ScenarioRun.Outcome.OK);
    assertThat(out)
        .hasToString(
            """
            1: ok
            2: ok
            3: ok
            4: ok
            5: ok direct=yes
            6: ok
            7: refused
            8: ok
            9: none
            10: none
            """);
    assertThat(errors).isEmpty();
    assertThat(warnings).hasSize(1);
    assertThat(warnings.getFirst()).contains("page map q", "1 put of its reference was too many");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "remap-pages q; ref-put r 600",
        "remap-pages q; lookup n 0x280000; ref-put r 2; put n",
        "remap-pages q; lookup n 0x280000; ref-put r 700; ref-kill r; unmap-pages q; put n",
        "remap-pages q; page-get 0x280000; page-put 0x280000; page-put 0x280000; page-put 0x280000",
        "remap-pages q; page-get 0x280000; ref-put r 3; unmap-pages q; page-put 0x280000",
        "remap-pages q dev=d; ref-put r; ref-put r; device-release d; ref-exit r; ref-put r",
        "remap-pages q dev=d; lookup n 0x280000; ref-put r 5; ref-to-atomic r; device-release d",
        "remap-pages q; ref-put r; unmap-pages q; ref-reinit r; remap-pages q; ref-put r"
      })
  @DisplayName("D-5 whatever was put too often, every line answers and the machine closes")
  void everyLineAnswers(String operations, @TempDir Path folder) throws IOException {
    Files.copy(FIELD.resolve("cxl-server.iomem"), folder.resolve("m.iomem"));
    List<String> lines = new ArrayList<>();
    lines.add("machine m.iomem");
    lines.add("device d");
    lines.add("ref r");
    lines.add("pgmap q type=GENERIC range=0x280000000+2M ref=r");
    lines.addAll(List.of(operations.split("; ")));
    Path file = Files.write(folder.resolve("a.scenario"), lines);
    assertThat(run(file)).isEqualTo(ScenarioRun.Outcome.OK);
    assertThat(errors).isEmpty();
    assertThat(out.toString().lines().count()).isEqualTo(lines.size());
  }
}
