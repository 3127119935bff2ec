// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The condition on those who require the library in a module of their own. */
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
    Path sources = Files.createDirectories(folder.resolve("src/user"));
    Files.writeString(folder.resolve("src/module-info.java"), module);
    Files.writeString(sources.resolve("User.java"), source);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    List<String> options =
        List.of("-Werror", "--module-path", library().toString(), "-d", folder.toString());
    try (var files = compiler.getStandardFileManager(null, null, null)) {
      compiler
          .getTask(
              said,
              files,
              null,
              options,
              null,
              files.getJavaFileObjects(
                  folder.resolve("src/module-info.java"), sources.resolve("User.java")))
          .call();
    }
    return said.toString();
  }

  private static Path library() throws URISyntaxException {
    return Path.of(Machine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
  }
}
