// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibraryChecksTest {
  @TempDir private Path process;

  private List<Check> start(String commandLine, String maps) throws IOException {
    Files.writeString(process.resolve("cmdline"), commandLine);
    Files.writeString(process.resolve("maps"), maps);
    return LibraryChecks.start(process);
  }

  @Test
  @DisplayName("an AOT cache that the JVM did not take is said, with what may be the reason")
  void refused() throws IOException {
    String started = "java\0-XX:AOTCache=/opt/m/bin/../lib/memremap.aot\0-cp\0a.jar\0";
    String libc = "7f00-7f01 r-xp 00000000 08:01 42    /usr/lib/libc.so.6\n";
    assertThat(start(started, libc + "8000-8001 r--p 0000 08:01 43   /opt/m/lib/memremap.aot\n"))
        .extracting(Check::state)
        .containsExactly(Check.State.OK);
    List<Check> refused = start(started, libc);
    assertThat(refused).extracting(Check::state).containsExactly(Check.State.NOTE);
    assertThat(refused.getFirst().says()).endsWith(" AOT cache /opt/m/bin/../lib/memremap.aot");
    assertThat(refused.getFirst().remedy()).contains("cp -a");
  }

  @Test
  @DisplayName("without a cache, or a system that tells, nothing is said of one")
  void none() throws IOException {
    assertThat(start("java\0-cp\0a.jar\0", "")).isEmpty();
    assertThat(LibraryChecks.start(process.resolve("none"))).isEmpty();
  }

  @Test
  @DisplayName("a look that finds no class in the jars asks for no report")
  void incomplete() {
    NoClassDefFoundError missing = new NoClassDefFoundError("dev/memremap/Machine");
    missing.initCause(new ClassNotFoundException("dev.memremap.Machine"));
    List<Check> looked =
        Check.looked(
            Check.Group.LIBRARY,
            "x",
            () -> {
              throw missing;
            });
    assertThat(looked.getFirst().says())
        .startsWith("this installation is incomplete or damaged, no class dev.memremap.Machine");
    assertThat(looked.getFirst().remedy()).isEmpty();
  }
}
