// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.testing.ChildJvm;
import java.nio.file.Path;
import java.util.List;

/**
 * A call that is made where the heap is full, in a JVM of 16 MiB: where it ends in an
 * OutOfMemoryError it has changed nothing, or what it began can be ended by calling it again, and
 * it holds no lock. Each filling leaves the call a little more room than the one before, so that
 * each of its allocations is once the one that fails; a call that finds room again and again is
 * made no more.
 */
final class EndOfHeap {
  /** How many fillings of the heap a call is made at, at most. */
  private static final int FILLINGS = Integer.getInteger("dev.memremap.fillings", 40);

  private EndOfHeap() {}

  private static ChildJvm run(Path folder, HalfDoneCall call) throws Exception {
    ChildJvm child =
        ChildJvm.run(
            folder,
            List.of("-Xmx16m", "-XX:+UseSerialGC", "-XX:-UseTLAB", "-Ddev.memremap.percpu=cells"),
            EndOfHeapProgram.class,
            "" + FILLINGS,
            call.name());
    assertThat(child.exitStatus()).as(child.output()).isZero();
    return child;
  }

  /** Fails unless the call, where it finds no room, has changed nothing or can be ended. */
  static void checkWhole(HalfDoneCall call, Path folder) throws Exception {
    assertThat(run(folder, call).lines(call.name()))
        .singleElement()
        .asString()
        .endsWith("calls found no room")
        .doesNotContain(": 0 of");
  }

  /** Fails unless the call is made without room in the heap. */
  static void checkNeedsNoRoom(HalfDoneCall call, Path folder) throws Exception {
    assertThat(run(folder, call).lines(call.name()))
        .singleElement()
        .asString()
        .endsWith("calls found no room")
        .contains(": 0 of");
  }
}
