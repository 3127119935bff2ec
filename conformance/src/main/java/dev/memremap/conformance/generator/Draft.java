// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

import dev.memremap.page.DevPagemap;
import dev.memremap.scenario.Answer;
import dev.memremap.scenario.Arguments;
import dev.memremap.scenario.MachineExecutor;
import dev.memremap.scenario.Operation;
import dev.memremap.scenario.Scenario;
import dev.memremap.scenario.Verb;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A scenario that grows line by line, carried out by this library meanwhile: so it is known what a
 * name stands for, and a line whose answer is not wanted can be taken back.
 *
 * <p>Thread safety: none; one thread writes.
 */
final class Draft implements AutoCloseable {
  private final Path path;
  private final List<String> lines = new ArrayList<>();
  private Scenario scenario;
  private MachineExecutor executor;
  private final List<Long> touched = new ArrayList<>();
  private int names;

  Draft(Path path, String comment, String machine) {
    this.path = path;
    lines.add("# " + comment);
    lines.add(machine);
    scenario = Scenario.parse(path, text());
    executor = replay();
  }

  /** A name that is not taken. */
  String newName(String prefix) {
    names++;
    return prefix + names;
  }

  /** Remembers an address that something is mapped at, for others to meet it. */
  void touch(long address) {
    touched.add(address);
  }

  /** Addresses that something was mapped at. */
  List<Long> touched() {
    return touched;
  }

  /** How many operations there are, the machine's among them. */
  int size() {
    return lines.size() - 1;
  }

  String text() {
    return String.join("\n", lines) + "\n";
  }

  /** Adds a line and carries it out. */
  Answer add(String line) {
    lines.add(line);
    scenario = Scenario.parse(path, text());
    return executor.execute(last());
  }

  /** Whether a map is unmapped and still held. */
  boolean drains() {
    return executor.machine().pagemaps().stream()
        .anyMatch(map -> map.state() != DevPagemap.State.LIVE);
  }

  /** The last line's operation. */
  Operation last() {
    return scenario.operations().getLast();
  }

  /** The map that the last line maps, if it maps one. */
  Optional<Arguments.Pgmap> lastMapped() {
    return last().verb() == Verb.REMAP_PAGES
        ? scenario.map(last().names().getFirst())
        : Optional.empty();
  }

  /** Takes the last line back, and what it did. */
  void takeBack() {
    lines.removeLast();
    executor.close();
    scenario = Scenario.parse(path, text());
    executor = replay();
  }

  private MachineExecutor replay() {
    MachineExecutor fresh = MachineExecutor.open(scenario);
    scenario.operations().forEach(fresh::execute);
    return fresh;
  }

  @Override
  public void close() {
    executor.close();
  }
}
