// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.OptionalInt;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompilerTest {
  @TempDir Path bin;

  @Test
  @DisplayName("The kernel's own compiler is preferred, then a newer one, then an older one")
  void nearest() throws IOException {
    program("gcc", "exit 0");
    assertThat(like(14)).hasFileName("gcc");
    program("gcc-9", "exit 0");
    program("gcc-ar-14", "exit 0");
    assertThat(like(14)).hasFileName("gcc-9");
    program("gcc-12", "exit 0");
    program("gcc-13", "exit 0");
    assertThat(like(10)).hasFileName("gcc-12");
    assertThat(like(12)).hasFileName("gcc-12");
    assertThat(like(14)).hasFileName("gcc-13");
    program("gcc-15", "exit 0");
    assertThat(like(14)).hasFileName("gcc-15");
    program("gcc-14", "exit 0");
    assertThat(like(14)).hasFileName("gcc-14");
  }

  @Test
  @DisplayName("Where no compiler is, the sentence says what to install")
  void none() {
    assertThatThrownBy(() -> like(12))
        .isInstanceOf(GuestUnavailableException.class)
        .hasMessage("no gcc here: run apt-get install gcc");
  }

  @Test
  @DisplayName("What the kernel's own compiler understands and this one does not, make leaves out")
  void options() throws IOException {
    Path knows = program("gcc-14", "exit 0");
    Path doesNot = program("gcc-12", "case \"$*\" in *-fmin-function-alignment*) exit 1;; esac");
    assertThat(new Compiler(knows).makeVariables()).containsExactly("CC=" + knows);
    assertThat(new Compiler(doesNot).makeVariables())
        .containsExactly("CC=" + doesNot, "CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT=");
  }

  private Path like(int version) {
    return Compiler.like(OptionalInt.of(version), bin.toString()).program();
  }

  private Path program(String name, String script) throws IOException {
    Path program = bin.resolve(name);
    Files.writeString(program, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return program;
  }
}
