// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import dev.memremap.scenario.Answer;
import dev.memremap.scenario.Difference;
import dev.memremap.scenario.Kernel;
import dev.memremap.scenario.Operation;
import dev.memremap.scenario.Scenario;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A scenario that does not hold.
 *
 * <p>Thread safety: immutable.
 */
public sealed interface Finding {
  /** The scenario, as short as it was made. */
  Scenario scenario();

  /**
   * Each operation with our answer, why it is so, and the kernel's beside it; numbered as the lines
   * of the saved file.
   */
  String explanation();

  /**
   * Writes the scenario and what the kernel answered, so that {@code memremap run --check} can be
   * asked again without a kernel.
   *
   * @param directory where its machine file is, too
   * @return the scenario's file
   * @throws IOException if a file cannot be written; what was begun is deleted
   */
  Path save(Path directory) throws IOException;

  /**
   * Our answers and the kernel's differ.
   *
   * @param outcome the shortest that does
   * @param kernel the kernel that judged
   */
  record Differs(Conformance.Outcome outcome, Kernel kernel) implements Finding {
    @Override
    public Scenario scenario() {
      return outcome.scenario();
    }

    @Override
    public String explanation() {
      Set<Integer> differing =
          outcome.comparison().differences().stream()
              .map(Difference::line)
              .collect(Collectors.toSet());
      StringBuilder text = new StringBuilder();
      List<Operation> operations = scenario().operations();
      for (int i = 0; i < operations.size(); i++) {
        Operation operation = operations.get(i);
        Answer ours = outcome.ours().get(i);
        boolean differs = differing.contains(operation.line());
        text.append("%s %3d: %s\n".formatted(differs ? "!" : " ", i + 1, textOf(operation)));
        text.append("       ours   %s\n".formatted(ours.text()));
        if (differs) {
          ours.explanation()
              .forEach(why -> text.append("              | ").append(why).append('\n'));
        }
        text.append("       %-6s %s\n".formatted(kernel.version(), theirs(operation)));
      }
      return text.toString();
    }

    private String textOf(Operation operation) {
      return scenario().textOf(operation);
    }

    private String theirs(Operation operation) {
      return outcome.kernels().at(operation.line()).orElse(Answer.UNSUPPORTED);
    }

    @Override
    public Path save(Path directory) throws IOException {
      Path file =
          write(
              directory,
              scenario(),
              scenario().operations(),
              "differs from Linux " + kernel.version());
      StringBuilder answers = new StringBuilder();
      List<Operation> operations = scenario().operations();
      for (int i = 0; i < operations.size(); i++) {
        answers.append("%d: %s\n".formatted(i + 1, theirs(operations.get(i))));
      }
      try {
        writeWhole(kernel.answersOf(file), answers.toString().getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // without its answers it would say nothing
        deleteAfter(e, file);
        throw e;
      }
      return file;
    }
  }

  /**
   * The kernel did not survive it.
   *
   * @param scenario as it was generated
   * @param crash what was seen
   */
  record Crashes(Scenario scenario, ScenarioCrashException crash) implements Finding {
    @Override
    public String explanation() {
      return crash.getMessage() + "\n";
    }

    @Override
    public Path save(Path directory) throws IOException {
      List<Operation> untilThen =
          scenario.operations().stream().filter(one -> one.line() <= crash.line()).toList();
      return write(directory, scenario, untilThen, "the kernel did not survive the last line");
    }
  }

  /** One operation a line, the comment last: so that an operation's number is its line's. */
  private static Path write(
      Path directory, Scenario scenario, List<Operation> operations, String comment)
      throws IOException {
    Files.createDirectories(directory);
    String spec = scenario.machine().spec();
    Path machine = scenario.path().resolveSibling(spec);
    Path beside = directory.resolve(machine.getFileName());
    if (!Files.exists(beside)) {
      writeWhole(beside, Files.readAllBytes(machine));
    }
    String text =
        operations.stream()
            .map(scenario::textOf)
            .collect(Collectors.joining("\n"))
            .replaceFirst(
                Pattern.quote(spec), Matcher.quoteReplacement(beside.getFileName().toString()));
    return writeWhole(
        directory.resolve(scenario.path().getFileName()),
        "%s\n# %s\n".formatted(text, comment).getBytes(StandardCharsets.UTF_8));
  }

  /** Writes a file, and deletes it where a part of it alone has room. */
  private static Path writeWhole(Path file, byte[] bytes) throws IOException {
    OutputStream out = Files.newOutputStream(file);
    try (out) {
      out.write(bytes);
    } catch (IOException e) {
      deleteAfter(e, file);
      throw e;
    }
    return file;
  }

  private static void deleteAfter(IOException failure, Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException kept) {
      failure.addSuppressed(kept);
    }
  }
}
