// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import dev.memremap.linux.Memfd;
import dev.memremap.scenario.Scenario;
import dev.memremap.testing.ModularConsumer;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The condition on users' modules that require one of the modules above core. */
class ModularConsumersTest {
  @TempDir private Path folder;

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "dev.memremap.linux, dev.memremap.linux.Memfd, name",
    "dev.memremap.scenario, dev.memremap.scenario.Scenario, operations",
    "dev.memremap.conformance, dev.memremap.conformance.Coverage, shortcomings",
  })
  @DisplayName("a modular consumer compiles with the JDK and our jars alone")
  void compiles(String module, String type, String method) throws Exception {
    String user =
        """
        package user;

        class User {
          Object use(%s used) {
            return used.%s();
          }
        }
        """
            .formatted(type, method);
    assertThat(
            new ModularConsumer(folder)
                .compile(
                    "module y { requires %s; }".formatted(module),
                    user,
                    Machine.class,
                    Memfd.class,
                    Scenario.class,
                    Coverage.class))
        .isEmpty();
  }
}
