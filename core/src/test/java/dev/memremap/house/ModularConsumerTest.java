// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import dev.memremap.testing.ModularConsumer;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The condition on users' modules that require the library. */
class ModularConsumerTest {
  private static final String USER =
      """
      package user;

      import dev.memremap.Machine;
      import dev.memremap.Mapping;
      import dev.memremap.machine.MachineDescription;
      import dev.memremap.plan.MemremapFlag;
      import dev.memremap.resource.PhysRange;

      class User {
        long first(MachineDescription description, PhysRange range) {
          try (Machine machine = Machine.simulated(description);
              Mapping mapping = machine.memremap(range, MemremapFlag.WC)) {
            return machine.page(range.firstPfn(machine.pageSize())) == null ? 0 : mapping.load(0, 64);
          }
        }
      }
      """;

  @TempDir private Path folder;

  @Test
  @DisplayName("a modular consumer compiles with the JDK and our jar alone")
  void compiles() throws Exception {
    assertThat(compile("module x { requires dev.memremap; }", USER)).isEmpty();
  }

  @Test
  @DisplayName("a modular consumer cannot name what is not exported")
  void internal() throws Exception {
    String peeking = USER.replace("class User", "class User extends dev.memremap.internal.space.X");
    assertThat(compile("module x { requires dev.memremap; }", peeking))
        .contains("dev.memremap.internal.space");
  }

  private String compile(String module, String source) throws Exception {
    return new ModularConsumer(folder).compile(module, source, Machine.class);
  }
}
