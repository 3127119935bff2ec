// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ScenarioFuzzTest {
  private static final int ROUNDS = 5_000;
  private static final String[] PIECES = {
    " ",
    "\t",
    "\n",
    "#",
    "=",
    ",",
    "|",
    "+",
    "0x",
    "K",
    "T",
    "-",
    "hint=",
    "dev=",
    "ref=",
    "altmap=",
    "range=",
    "WB",
    "machine ",
    "memremap ",
    "lookup ",
    "put ",
    "ref ",
    "pgmap ",
    "0",
    "18446744073709551616",
    "\u0000",
    "\ud83d\ude00",
    "\u00e4",
    "\ufeff",
    "\r"
  };

  @Test
  @DisplayName("a scenario with random damage is read, or refused with its place")
  void damage() throws Exception {
    long seed = Long.getLong("dev.memremap.seed", System.nanoTime());
    String option = "-Ddev.memremap.seed=" + seed;
    System.out.println("ScenarioFuzzTest draws with " + option);
    RandomGenerator random = new SplittableRandom(seed);
    List<Path> files = Corpus.followed();
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] bytes = Files.readAllBytes(files.get(random.nextInt(files.size())));
      for (int n = random.nextInt(1, 5); n > 0; n--) {
        bytes = damage(bytes, random);
      }
      try {
        String text = ScenarioText.decode("f", bytes);
        Scenario scenario = Scenario.parse(Path.of("f"), text);
        assertThat(scenario.operations()).isNotEmpty();
      } catch (ScenarioSyntaxException e) {
        refused++;
        if (e.line() < 1 || e.column() < 1 || e.getMessage().lines().count() != 1) {
          fail("%s, round %d: %s", option, round, e.getMessage());
        }
      } catch (RuntimeException e) {
        fail(
            "%s, round %d:\n%s".formatted(option, round, new String(bytes, StandardCharsets.UTF_8)),
            e);
      }
    }
    assertThat(refused).as(option).isBetween(ROUNDS / 10, ROUNDS - ROUNDS / 100);
  }

  private static byte[] damage(byte[] bytes, RandomGenerator random) {
    int at = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
    return switch (random.nextInt(5)) {
      case 0 -> { // one byte becomes another
        byte[] copy = bytes.clone();
        if (copy.length > 0) {
          copy[at] = (byte) random.nextInt(256);
        }
        yield copy;
      }
      case 1 -> splice(bytes, at, 0, PIECES[random.nextInt(PIECES.length)]);
      case 2 -> splice(bytes, at, random.nextInt(20), "");
      case 3 -> splice(bytes, at, random.nextInt(6), PIECES[random.nextInt(PIECES.length)]);
      default -> swapLines(bytes, random);
    };
  }

  private static byte[] splice(byte[] bytes, int at, int removed, String piece) {
    byte[] inserted = piece.getBytes(StandardCharsets.UTF_8);
    int rest = Math.min(bytes.length, at + removed);
    byte[] result = new byte[at + inserted.length + bytes.length - rest];
    System.arraycopy(bytes, 0, result, 0, at);
    System.arraycopy(inserted, 0, result, at, inserted.length);
    System.arraycopy(bytes, rest, result, at + inserted.length, bytes.length - rest);
    return result;
  }

  private static byte[] swapLines(byte[] bytes, RandomGenerator random) {
    List<String> lines =
        new ArrayList<>(List.of(new String(bytes, StandardCharsets.ISO_8859_1).split("\n", -1)));
    lines.add(lines.remove(random.nextInt(lines.size())));
    return String.join("\n", lines).getBytes(StandardCharsets.ISO_8859_1);
  }
}
