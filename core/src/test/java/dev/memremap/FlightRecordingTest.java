// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Recording;
import jdk.jfr.ValueDescriptor;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a flight recording shows of mappings, and how. */
class FlightRecordingTest {
  private static final PhysRange PMEM = PhysRange.parse("0x40000000+64K");
  private static final PhysRange RAM = PhysRange.parse("0x10000000+4K");

  @TempDir private Path folder;

  private List<RecordedEvent> recorded(Runnable what) throws IOException {
    Path file = folder.resolve("events.jfr");
    try (Recording recording = new Recording()) {
      recording.start();
      what.run();
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().startsWith("dev.memremap."))
        .toList();
  }

  private static List<RecordedEvent> unmaps(List<RecordedEvent> events) {
    return events.stream()
        .filter(event -> event.getEventType().getName().equals("dev.memremap.Unmap"))
        .toList();
  }

  @Test
  @DisplayName("each mapping that is unmapped is recorded once, closed by itself or by its device")
  void unmapped() throws IOException {
    List<RecordedEvent> events =
        recorded(
            () -> {
              try (Machine machine = Machines.machine()) {
                Mapping mapping = machine.memremap(PMEM, MemremapFlag.WB);
                mapping.close();
                mapping.close();
                Device device = machine.newDevice("card");
                device.memremap(PMEM, MemremapFlag.WC);
                device.release();
              }
            });
    assertThat(unmaps(events))
        .extracting(
            event -> event.getLong("start"),
            event -> event.getLong("size"),
            event -> event.getString("mode"))
        .containsExactly(
            tuple(PMEM.start(), PMEM.sizeBytes(), "WB"),
            tuple(PMEM.start(), PMEM.sizeBytes(), "WC"));
  }

  @Test
  @DisplayName("MU-1 the close of a slice of the direct map unmaps nothing, and is not recorded")
  void directMap() throws IOException {
    List<RecordedEvent> events =
        recorded(
            () -> {
              try (Machine machine = Machines.machine()) {
                machine.memremap(RAM, MemremapFlag.WB).close();
              }
            });
    assertThat(events).hasSize(1);
    assertThat(unmaps(events)).isEmpty();
  }

  @Test
  @DisplayName("addresses and page frame numbers are shown in hexadecimal")
  void hexadecimal() throws IOException {
    List<RecordedEvent> events =
        recorded(
            () -> {
              try (Machine machine = Machines.machine()) {
                machine.memremap(PMEM, MemremapFlag.WB).close();
                for (int i = 0; i < 5_000; i++) {
                  machine.lookup(0x40000);
                }
              }
            });
    Set<String> places = Set.of("start", "pfn");
    assertThat(events)
        .flatExtracting(event -> event.getFields())
        .filteredOn(field -> places.contains(field.getName()))
        .hasSizeGreaterThan(2)
        .allMatch(field -> contentType(field) == MemoryAddress.class);
    assertThat(events.getFirst().toString()).contains("start = 0x40000000");
  }

  private static Class<?> contentType(ValueDescriptor field) {
    return field.getAnnotation(MemoryAddress.class) == null ? null : MemoryAddress.class;
  }
}
