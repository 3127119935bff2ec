// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.machine.MachineDescription;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each map of the test resources, damaged on its way in several ways at once: it reads as the same
 * machine, is refused, or is marked as possibly cut.
 */
class DamagedMapsTest {
  private static final int TIMES = 150;
  private static final int MAX_DAMAGES = 4;

  static Stream<Path> maps() throws IOException {
    List<Path> maps = new ArrayList<>();
    for (String folder :
        List.of(
            "core/src/test/resources",
            "scenario/src/test/resources",
            "conformance/src/main/resources",
            "examples/machines",
            "cli/src/test/resources/golden")) {
      try (Stream<Path> files = Files.walk(Path.of("..").resolve(folder))) {
        files.filter(file -> file.toString().endsWith(".iomem")).sorted().forEach(maps::add);
      }
    }
    assertThat(maps).hasSizeGreaterThan(15);
    return maps.stream();
  }

  private static long seed() {
    Long given = Long.getLong("dev.memremap.seed");
    return given != null ? given : System.nanoTime();
  }

  @ParameterizedTest
  @MethodSource("maps")
  @DisplayName("a damaged map is the same machine, or refused, or marked; never silently another")
  void neverAnother(Path map) throws IOException {
    String text = Files.readString(map);
    MachineDescription right = MachineDescription.read(map);
    long seed = seed();
    int same = 0;
    for (int time = 0; time < TIMES; time++) {
      SplittableRandom random = new SplittableRandom(seed + time);
      List<DamagedMap> damages = damages(random);
      String damaged = text;
      for (DamagedMap damage : damages) {
        damaged = damage.apply(damaged, random);
      }
      same += holds(map, damages, damaged, right, seed + time) ? 1 : 0;
    }
    // most damages can be set right, or the test would say little
    assertThat(same).as("seed %d", seed).isGreaterThan(TIMES / 2);
  }

  private static List<DamagedMap> damages(SplittableRandom random) {
    List<DamagedMap> damages = new ArrayList<>();
    int count = 1 + random.nextInt(MAX_DAMAGES);
    while (damages.size() < count) {
      damages.add(DamagedMap.values()[random.nextInt(DamagedMap.CUT.ordinal())]);
    }
    if (random.nextInt(5) == 0) {
      damages.add(DamagedMap.CUT);
    }
    return damages;
  }

  /** Whether it read as the same machine. */
  private static boolean holds(
      Path map, List<DamagedMap> damages, String damaged, MachineDescription right, long seed) {
    Remarks remarks = new Remarks();
    String read;
    try {
      read =
          MapFile.read(
                  FileText.of("pasted", damaged.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                  remarks)
              .toText();
    } catch (IllegalArgumentException refused) {
      assertThat(refused.getMessage()).as("seed %d", seed).startsWith("pasted:");
      return false;
    }
    boolean isMarked =
        remarks.all().stream().anyMatch(remark -> remark.kind() == Remark.Kind.DOUBT);
    boolean isSame = read.equals(right.toText());
    assertThat(isSame || isMarked)
        .as(
            "%s after %s, -Ddev.memremap.seed=%d:%n%s%nread as%n%s",
            map, damages, seed, damaged, read)
        .isTrue();
    return isSame;
  }
}
