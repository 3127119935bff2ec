// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.testing.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A call that is made where the heap is full, in a JVM of 16 MiB: where it ends in an
 * OutOfMemoryError it has changed nothing, or what it began can be ended by calling it again, and
 * it holds no lock. Each run leaves the call a little more room than the one before, so that each
 * of its allocations is once the one that fails.
 */
@Tag("thorough")
class EndOfHeapTest {
  private static final int FILLINGS = Integer.getInteger("dev.memremap.fillings", 40);

  private static ChildJvm run(Path folder, HalfDoneCall call) throws Exception {
    return ChildJvm.run(
        folder,
        List.of("-Xmx16m", "-XX:+UseSerialGC", "-XX:-UseTLAB", "-Ddev.memremap.percpu=cells"),
        EndOfHeapProgram.class,
        "" + FILLINGS,
        call.name());
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"GET", "LOOKUP", "LAST_PUT", "HOLD_CLOSE", "LAST_HOLD_CLOSE", "MIGRATE_TO_RAM"})
  @DisplayName("a call that finds no room has changed nothing, or can be ended by another")
  void nothingHalfDone(HalfDoneCall call, @TempDir Path folder) throws Exception {
    ChildJvm child = run(folder, call);
    assertThat(child.exitStatus()).as(child.output()).isZero();
    assertThat(child.lines(call.name()))
        .singleElement()
        .asString()
        .endsWith("calls found no room")
        .doesNotContain(": 0 of");
  }

  @ParameterizedTest
  @EnumSource(
      names = {"GET", "LOOKUP", "LAST_PUT", "HOLD_CLOSE", "LAST_HOLD_CLOSE", "MIGRATE_TO_RAM"})
  @DisplayName("references are taken and put without room in the heap")
  void needsNoRoom(HalfDoneCall call, @TempDir Path folder) throws Exception {
    ChildJvm child = run(folder, call);
    assertThat(child.exitStatus()).as(child.output()).isZero();
    assertThat(child.lines(call.name()))
        .containsExactly("%s: 0 of %d calls found no room".formatted(call.name(), FILLINGS));
  }
}
