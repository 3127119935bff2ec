// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.testing.RecordedNamespace;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Namespaces that {@code ndctl} makes in guests, beside what was recorded and what we plan: 24
 * cases of NVDIMMs from 64M to 1G in both modes, and others that are refused, divided or mapped
 * otherwise. Each guest has four NVDIMMs, whose addresses are those of the recorded rows. What the
 * guests said, as rows, is in {@code target/ndctl.tsv} after the test.
 */
@Tag("thorough")
class NamespaceGuestTest {
  private static final Path RECORDED = Path.of("../core/src/test/resources/nvdimm/ndctl.tsv");

  @TempDir static Path directory;

  private static final Map<String, NdctlAnswers> ANSWERS = new LinkedHashMap<>();
  private static String output = "";

  static List<RecordedNamespace> rows() throws IOException {
    return RecordedNamespace.read(RECORDED);
  }

  private static String guest(RecordedNamespace row) {
    return row.nvdimm().split(":", 2)[0];
  }

  @BeforeAll
  static void boot() throws Exception {
    Guests.assumePossible();
    Map<String, List<RecordedNamespace>> guests =
        rows().stream()
            .collect(
                Collectors.groupingBy(
                    NamespaceGuestTest::guest, LinkedHashMap::new, Collectors.toList()));
    for (List<RecordedNamespace> rows : guests.values()) {
      GuestRun run = machine(rows).run(command(rows), GuestLimits.find().command());
      output += run.output();
    }
    Files.writeString(Path.of("target/ndctl.txt"), output);
    ANSWERS.putAll(NdctlAnswers.parse(output));
    List<String> lines = new ArrayList<>();
    for (RecordedNamespace row : rows()) {
      NdctlAnswers answer = ANSWERS.get(row.name());
      if (answer != null) {
        lines.add(row.answering(answer.answer(), answer.said()).toLine());
      }
    }
    Files.write(Path.of("target/ndctl.tsv"), lines);
  }

  private static GuestMachine machine(List<RecordedNamespace> rows) {
    GuestMachine.Builder machine = GuestMachine.builder(GuestKernel.find());
    Map<String, RecordedNamespace> nvdimms = new LinkedHashMap<>();
    rows.forEach(row -> nvdimms.putIfAbsent(row.nvdimm(), row));
    nvdimms.forEach(
        (name, row) ->
            machine.nvdimm(
                directory.resolve(name.replace(':', '-')),
                row.region().sizeBytes() + row.labelBytes(),
                row.labelBytes(),
                row.region().start()));
    return machine.build();
  }

  private static List<String> command(List<RecordedNamespace> rows) throws IOException {
    String cases =
        rows.stream()
            .map(
                row ->
                    "%s|0x%x|%d|0x%x|%s"
                        .formatted(
                            row.name(),
                            row.region().start(),
                            row.labelBytes(),
                            row.regionAlign(),
                            row.arguments()))
            .map(line -> line.replace("|0x0|", "|0|"))
            .collect(Collectors.joining("\n"));
    try (InputStream script =
        Objects.requireNonNull(NamespaceGuestTest.class.getResourceAsStream("namespaces.sh"))) {
      return List.of(
          "/bin/bash",
          "-c",
          new String(script.readAllBytes(), StandardCharsets.UTF_8),
          "bash",
          cases);
    }
  }

  static Stream<RecordedNamespace> recorded() throws IOException {
    return rows().stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("recorded")
  @DisplayName("AM-8, NS-1 to NS-8 ndctl leaves what was recorded and what is planned")
  void leavesWhatIsPlanned(RecordedNamespace row) {
    NdctlAnswers answer = Objects.requireNonNull(ANSWERS.get(row.name()), () -> output);
    assertThat(answer.answer()).as("%s", answer).isEqualTo(row.answer()).isEqualTo(row.planned());
    assertThat(answer.contradictions()).as("the guest agrees with itself: %s", answer).isEmpty();
  }

  @Test
  @DisplayName("the recorded rows have 24 cases: NVDIMMs of 64M to 1G, aligned to 16M and not")
  void enoughCases() throws IOException {
    long mib = 1 << 20;
    List<RecordedNamespace> granted =
        rows().stream()
            .filter(row -> row.name().matches("[a-l]-(fsdax|devdax)"))
            .filter(row -> row.answer().startsWith("namespace="))
            .toList();
    assertThat(granted)
        .hasSize(24)
        .allMatch(row -> row.region().sizeBytes() + row.labelBytes() >= 64 * mib)
        .allMatch(row -> row.region().sizeBytes() + row.labelBytes() <= 1024 * mib)
        .anyMatch(row -> row.region().start() % (16 * mib) == 0)
        .anyMatch(row -> row.region().start() % (16 * mib) != 0)
        .anyMatch(row -> row.region().sizeBytes() % (16 * mib) != 0)
        .anyMatch(row -> row.labelBytes() != 0);
  }
}
