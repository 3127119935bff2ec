// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Device;
import dev.memremap.Machine;
import dev.memremap.drawing.model.Timeline;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Time lines of teardowns. */
class TeardownsTest {
  private static final PhysRange RANGE = PhysRange.of(0x40000000L, 2 << 20);

  private final Machine machine =
      Machine.simulated(
          MachineDescription.parse(
              "# phys-bits=40\n00001000-3fffffff : System RAM\n"
                  + "40000000-7fffffff : Persistent Memory\n"));
  private final Teardowns teardowns = new Teardowns();

  @AfterEach
  void close() {
    machine.close();
  }

  private static String text(Timeline.Event event) {
    return (event.isAhead() ? "(" + event.title() + ") " : event.title() + " ")
        + String.join(" ", event.lines());
  }

  private List<String> only() {
    assertThat(teardowns.timelines()).hasSize(1);
    return teardowns.timelines().getFirst().events().stream().map(TeardownsTest::text).toList();
  }

  @Test
  @DisplayName("a teardown in the document's order names the step of each of its events")
  void inOrder() {
    PercpuRef ref = PercpuRef.init();
    Device device = machine.newDevice("d");
    DevPagemap map = DevPagemap.over(RANGE).type(MemoryType.GENERIC).ref(ref).name("p").build();
    device.memremapPages(map);
    teardowns.look(machine, "map");
    assertThat(teardowns.timelines()).isEmpty();
    DevPagemap held = machine.getDevPagemap(0x40000, null);
    teardowns.look(machine, "lookup");
    ref.kill();
    teardowns.look(machine, "kill");
    assertThat(only())
        .containsExactly(
            "killed kill",
            "lookups fail kill",
            "(unmap asked) by unmap-pages or its device's release",
            "(drained) held by 1",
            "(unmapped) with its last holder",
            "(released) once its reference is exited");
    assertThat(machine.getDevPagemap(0x40001, null)).isNull();
    teardowns.missed(machine, 0x40001, "miss");
    device.release();
    teardowns.look(machine, "release");
    held.put();
    teardowns.look(machine, "put");
    ref.exit();
    teardowns.look(machine, "exit");
    teardowns.look(machine, "later");
    assertThat(only())
        .containsExactly(
            "killed kill",
            "lookups fail miss",
            "unmap asked release",
            "drained put",
            "unmapped put",
            "released exit");
  }

  @Test
  @DisplayName("a map that is unmapped without holders comes to all of it in one step")
  void atOnce() {
    DevPagemap map = DevPagemap.over(RANGE).type(MemoryType.GENERIC).name("p").build();
    machine.memremapPages(map);
    teardowns.look(machine, "map");
    machine.memunmapPages(map);
    teardowns.look(machine, "unmap");
    assertThat(only())
        .containsExactly(
            "killed unmap",
            "lookups fail unmap",
            "unmap asked unmap",
            "drained at once: it had no holder",
            "unmapped unmap",
            "released the map's own reference is exited with it");
  }

  @Test
  @DisplayName("a map that is mapped again has a second time line")
  void again() {
    DevPagemap map = DevPagemap.over(RANGE).type(MemoryType.GENERIC).name("p").build();
    for (int i = 1; i <= 2; i++) {
      machine.memremapPages(map);
      teardowns.look(machine, "map " + i);
      machine.memunmapPages(map);
      teardowns.look(machine, "unmap " + i);
    }
    assertThat(teardowns.timelines())
        .extracting(timeline -> text(timeline.events().getFirst()))
        .containsExactly("killed unmap 1", "killed unmap 2");
  }
}
