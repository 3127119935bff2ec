// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.cli.terminal.OutputFile;
import dev.memremap.cli.terminal.UsageException;
import dev.memremap.drawing.model.AddressMap;
import dev.memremap.drawing.model.Metrics;
import dev.memremap.drawing.model.Scene;
import dev.memremap.drawing.model.View;
import dev.memremap.drawing.source.MachineScene;
import dev.memremap.drawing.svg.PicturePage;
import dev.memremap.drawing.svg.SvgWriter;
import dev.memremap.scenario.Answer;
import dev.memremap.scenario.MachineExecutor;
import dev.memremap.scenario.Operation;
import dev.memremap.scenario.Scenario;
import dev.memremap.scenario.ScenarioExecutor;
import dev.memremap.scenario.StepWatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Draws a machine after each operation of a run, into a folder. */
final class DrawnSteps implements StepWatch {
  private final Path folder;
  private final List<PicturePage.Picture> pictures = new ArrayList<>();
  private final FollowedTeardowns teardowns = new FollowedTeardowns();

  private DrawnSteps(Path folder) {
    this.folder = folder;
  }

  /**
   * Draws into a folder.
   *
   * @throws UsageException if it is not there
   */
  static DrawnSteps into(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new UsageException(
          "--svg %s: %s; name a folder that is there"
              .formatted(folder, Files.exists(folder) ? "it is not a folder" : "no such folder"));
    }
    return new DrawnSteps(folder);
  }

  @Override
  public void after(
      Scenario scenario, ScenarioExecutor executor, Operation operation, Answer answer) {
    teardowns.after(scenario, executor, operation, answer);
    if (executor instanceof MachineExecutor on) {
      draw(scenario, on.machine(), operation, answer);
    }
  }

  private void draw(Scenario scenario, Machine machine, Operation operation, Answer answer) {
    String step = FollowedTeardowns.step(scenario, operation);
    String name = SvgOption.nameOf(scenario.path());
    Scene scene =
        MachineScene.of(name, machine)
            .withNotes(List.of(step, "answer: " + answer.text()))
            .withTimelines(teardowns.timelines());
    View view = new View(null, SvgOption.MAX_BOXES);
    String file = "%03d-%s.svg".formatted(pictures.size() + 1, operation.verb().word());
    OutputFile.write(
        folder.resolve(file), SvgWriter.file(AddressMap.of(scene, view, Metrics.PIXELS)));
    pictures.add(new PicturePage.Picture(file, name, step, answer.text()));
  }

  /** Writes the page that shows all pictures, one below the other. */
  void writeIndex() {
    OutputFile.write(folder.resolve("index.html"), PicturePage.of("Steps", pictures));
  }
}
