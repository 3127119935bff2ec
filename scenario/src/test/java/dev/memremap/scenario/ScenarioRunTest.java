// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The facade over an executor that answers from a script: what is printed, and which status. */
class ScenarioRunTest {
  @TempDir private Path folder;
  private final StringBuilder out = new StringBuilder();
  private final StringBuilder errors = new StringBuilder();
  private final List<String> executed = new ArrayList<>();
  private int closed;

  /** Answers {@code region 0 1}, {@code region 0 2}… each in its own way. */
  private final class Script implements ScenarioExecutor {
    @Override
    public Answer execute(Operation operation) {
      executed.add(operation.toString());
      if (!(operation.arguments() instanceof Arguments.Extent region)) {
        return Answer.of("ok");
      }
      return switch ((int) region.sizeBytes()) {
        case 1 -> Answer.of("DISJOINT", "one", "two");
        case 2 -> new Answer("MIXED", Optional.of(Rule.D_7), false, List.of("departing"));
        case 3 -> throw new MemremapException(Errno.ENOSPC, Rule.LIB_2, "the disk is full");
        case 4 -> throw new ArithmeticException("a mistake of ours");
        default -> Answer.of("INTERSECTS", "because");
      };
    }

    @Override
    public void close() {
      closed++;
    }
  }

  private ScenarioRun run(boolean explain) {
    return new ScenarioRun(
        scenario -> new Script(), new ScenarioRun.Options(explain, false), out, errors);
  }

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  @BeforeEach
  void noListAbove() throws IOException {
    // So that no list above the temporary folder can be found.
    write("departures.tsv", "head\nb/departs\t2\tD-7\tMIXED\tDISJOINT\tregion 0 2\n");
  }

  @Test
  @DisplayName("a run prints each answer with its line, and explanations if asked")
  void answers() throws IOException {
    Path file = write("a.scenario", "# c\nmachine m\n\nregion 0 1\n");
    assertThat(run(false).run(List.of(file))).isEqualTo(ScenarioRun.Outcome.OK);
    assertThat(out).hasToString("2: ok\n4: DISJOINT\n");
    out.setLength(0);
    assertThat(run(true).run(List.of(file))).isEqualTo(ScenarioRun.Outcome.OK);
    assertThat(out).hasToString("2: ok\n4: DISJOINT\n  | one\n  | two\n");
    assertThat(errors).isEmpty();
    assertThat(closed).isEqualTo(2);
  }

  @Test
  @DisplayName("a folder is all scenarios below it, sorted, each under its name")
  void folders() throws IOException {
    Path b = write("s/b.scenario", "machine m\n");
    Path a = write("s/a/z.scenario", "machine m\n");
    write("s/a/z.answers", "1: ok\n");
    write("s/named-like-one.scenario/notes", "no scenario\n");
    Path c = write("c.scenario", "machine m\n");
    assertThat(run(false).run(List.of(c, folder.resolve("s")))).isEqualTo(ScenarioRun.Outcome.OK);
    assertThat(out).hasToString("# %s\n1: ok\n# %s\n1: ok\n# %s\n1: ok\n".formatted(c, a, b));
  }

  @Test
  @DisplayName("a mistake anywhere in a file keeps all of it from running, but not the other files")
  void syntaxError() throws IOException {
    Path bad = write("a.scenario", "machine m\nregion 0 1\nregion 0\n");
    Path good = write("b.scenario", "machine m\n");
    assertThat(run(false).run(List.of(bad, good))).isEqualTo(ScenarioRun.Outcome.UNUSABLE);
    assertThat(errors).hasToString(bad + ":3:9: too few words: region START SIZE\n");
    assertThat(out).hasToString("# " + good + "\n1: ok\n");
    assertThat(executed).hasSize(1);
  }

  @Test
  @DisplayName("a machine that fails is named with file, line and operation, and is closed")
  void failure() throws IOException {
    Path file = write("a.scenario", "machine m\nregion 0 3\nregion 0 1\n");
    assertThat(run(false).run(List.of(file))).isEqualTo(ScenarioRun.Outcome.UNUSABLE);
    assertThat(errors.toString()).startsWith(file + ":2: region 0 3: the disk is full [LIB-2");
    assertThat(closed).isEqualTo(1);
  }

  @Test
  @DisplayName("a failure of ours keeps the answers before it, and the other scenarios")
  void unexpectedFailure() throws IOException {
    Path broken = write("x/a.scenario", "machine m\nregion 0 1\nregion 0 4\nregion 0 1\n");
    write("x/b.scenario", "machine m\nregion 0 1\n");
    assertThat(run(false).run(List.of(broken.getParent()))).isEqualTo(ScenarioRun.Outcome.UNUSABLE);
    assertThat(out.toString().lines())
        .filteredOn(line -> !line.startsWith("#"))
        .containsExactly("1: ok", "2: DISJOINT", "1: ok", "2: DISJOINT");
    assertThat(errors.toString())
        .contains("a.scenario:3: region 0 4: ", "please report it", "a mistake of ours");
    assertThat(closed).isEqualTo(2);
  }

  @Test
  @DisplayName("a machine that cannot be made is said, and the next file runs")
  void noMachine() throws IOException {
    Path file = write("a.scenario", "\n machine m\n");
    ScenarioRun run =
        new ScenarioRun(
            scenario -> {
              throw new MemremapException(Errno.ENOSPC, Rule.LIB_2, "no room");
            },
            ScenarioRun.Options.NONE,
            out,
            errors);
    assertThat(run.run(List.of(file))).isEqualTo(ScenarioRun.Outcome.UNUSABLE);
    assertThat(errors.toString())
        .startsWith(file + ":2: the machine cannot be made: no room [LIB-2");
  }

  @Test
  @DisplayName("stores, remaps and page maps on the host need --force; what only looks does not")
  void host() throws IOException {
    Path looks = write("a.scenario", "machine host\nregion 0 1\npgmap p type=0 range=0+2M\n");
    assertThat(run(false).run(List.of(looks))).isEqualTo(ScenarioRun.Outcome.OK);
    Path maps = write("b.scenario", "machine host\n  memremap a 0 4K WB\nstore a 0 8 1\n");
    Path pages = write("c.scenario", "machine host\npgmap p type=0 range=0+2M\nremap-pages p\n");
    Path simulated = write("d.scenario", "machine m\nmemremap a 0 4K WB\nstore a 0 8 1\n");
    assertThat(run(false).run(List.of(simulated))).isEqualTo(ScenarioRun.Outcome.OK);
    executed.clear();
    assertThat(run(false).run(List.of(maps, pages))).isEqualTo(ScenarioRun.Outcome.UNUSABLE);
    assertThat(executed).isEmpty();
    String sentence = "this would work on the host's own memory; add --force if that is meant";
    assertThat(errors)
        .hasToString("%s:2:3: %s\n%s:3:1: %s\n".formatted(maps, sentence, pages, sentence));
    ScenarioRun forced =
        new ScenarioRun(
            scenario -> new Script(), new ScenarioRun.Options(false, true), out, errors);
    assertThat(forced.run(List.of(maps, pages))).isEqualTo(ScenarioRun.Outcome.OK);
  }

  @Test
  @DisplayName("nothing to run is said")
  void nothing() throws IOException {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    assertThat(run(false).run(List.of(empty))).isEqualTo(ScenarioRun.Outcome.UNUSABLE);
    assertThat(run(false).run(List.of())).isEqualTo(ScenarioRun.Outcome.UNUSABLE);
    assertThat(run(false).check(List.of(empty), Kernel.FOLLOWED))
        .isEqualTo(ScenarioRun.Outcome.UNUSABLE);
    assertThat(errors.toString())
        .contains("no *.scenario file to use below " + empty)
        .contains("no scenario is named");
  }

  @Test
  @DisplayName("a check that holds prints its sum alone")
  void holds() throws IOException {
    Path file = write("b/a.scenario", "machine m\nregion 0 1\n");
    write("b/a.answers", "1: ok\n2: DISJOINT\n");
    assertThat(run(false).check(List.of(file), Kernel.FOLLOWED)).isEqualTo(ScenarioRun.Outcome.OK);
    assertThat(out)
        .hasToString(
            "1 scenarios, 2 compared, 0 unsupported, 0 departed, 0 parted, 0 differences\n");
  }

  @Test
  @DisplayName("a check that does not hold shows each difference and its reason, status 1")
  void differs() throws IOException {
    Path file = write("b/a.scenario", "machine m\nregion 0 9 # why\n");
    write("b/a.answers", "1: ok\n2: DISJOINT\n");
    assertThat(run(false).check(List.of(file), Kernel.FOLLOWED))
        .isEqualTo(ScenarioRun.Outcome.DIFFERENCES);
    assertThat(out)
        .hasToString(
            """
            %s:2: region 0 9
              - expected  DISJOINT
              + ours      INTERSECTS
                because   because
            1 scenarios, 2 compared, 0 unsupported, 0 departed, 0 parted, 1 differences
            """
                .formatted(file));
  }

  @Test
  @DisplayName("a departure is reported by its number, and explained if asked")
  void departs() throws IOException {
    Path file = write("b/departs.scenario", "machine m\nregion 0 2\nregion 0 9\n");
    write("b/departs.answers", "1: ok\n2: DISJOINT\n3: MIXED\n");
    assertThat(run(true).check(List.of(file), Kernel.FOLLOWED)).isEqualTo(ScenarioRun.Outcome.OK);
    assertThat(out)
        .hasToString(
            """
            %s:2: departed D-7: region 0 2: ours MIXED, kernel DISJOINT
              | departing
            1 scenarios, 1 compared, 0 unsupported, 1 departed (D-7: 1), 0 parted, 0 differences
            """
                .formatted(file));
  }

  @Test
  @DisplayName("a list of departures binds the kernel we follow, not another one")
  void listAndKernel() throws IOException {
    Path file = write("b/other.scenario", "machine m\nregion 0 2\n");
    write("b/other.answers", "1: ok\n2: DISJOINT\n");
    write("b/other.answers-5.10", "1: ok\n2: DISJOINT\n");
    assertThat(run(false).check(List.of(file), Kernel.FOLLOWED))
        .isEqualTo(ScenarioRun.Outcome.DIFFERENCES);
    assertThat(run(false).check(List.of(file), new Kernel("5.10")))
        .isEqualTo(ScenarioRun.Outcome.OK);
  }

  @Test
  @DisplayName("a file named without answers is an error; one in a folder is left out, and said")
  void noAnswers() throws IOException {
    Path file = write("b/a.scenario", "machine m\n");
    assertThat(run(false).check(List.of(file), Kernel.FOLLOWED))
        .isEqualTo(ScenarioRun.Outcome.UNUSABLE);
    assertThat(errors)
        .hasToString(
            "%s:1:1: no answers from Linux 6.1 to compare with: no such file %s\n"
                .formatted(file, file.resolveSibling("a.answers")));
    errors.setLength(0);
    write("b/b.scenario", "machine m\n");
    write("b/c.scenario", "machine m\n");
    write("b/c.answers", "1: ok\n");
    assertThat(run(false).check(List.of(folder), Kernel.FOLLOWED))
        .isEqualTo(ScenarioRun.Outcome.OK);
    assertThat(errors)
        .hasToString(
            "memremap: not compared: 2 files without answers from Linux 6.1, %s for one\n"
                .formatted(file));
    assertThat(out.toString())
        .endsWith("1 scenarios, 1 compared, 0 unsupported, 0 departed, 0 parted, 0 differences\n");
  }

  @Test
  @DisplayName("an unusable file outweighs a difference")
  void worst() throws IOException {
    Path wrong = write("b/a.scenario", "machine m\nregion 0 9\n");
    write("b/a.answers", "1: ok\n2: DISJOINT\n");
    Path bad = write("b/b.scenario", "machine m\nregion\n");
    write("b/b.answers", "1: ok\n");
    assertThat(run(false).check(List.of(wrong, bad), Kernel.FOLLOWED))
        .isEqualTo(ScenarioRun.Outcome.UNUSABLE);
  }
}
