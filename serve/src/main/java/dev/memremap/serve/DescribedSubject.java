// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import dev.memremap.Machine;
import dev.memremap.drawing.model.Scene;
import dev.memremap.drawing.source.MachineScene;
import dev.memremap.machine.MachineDescription;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * A machine as it was read; it does not change.
 *
 * <p>Thread safety: one question is asked after the other; all else is immutable.
 */
public final class DescribedSubject implements Subject {
  private final String name;
  private final Scene scene;
  private final Machine machine; // guarded by itself: one thread asks

  /** Shows a described machine, whose bytes are simulated. */
  public DescribedSubject(String name, MachineDescription description) {
    this.name = Objects.requireNonNull(name, "name");
    this.scene = MachineScene.of("Physical addresses of " + name, description);
    this.machine = Machine.simulated(description);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Step> steps() {
    return List.of();
  }

  @Override
  public List<MachineName> machines() {
    return List.of(new MachineName("", name));
  }

  @Override
  public Scene scene(Place place) {
    return scene;
  }

  @Override
  public <T> T ask(Place place, Function<Machine, T> question) {
    synchronized (machine) {
      return question.apply(machine);
    }
  }

  @Override
  public Pulse pulse() {
    return Pulse.STILL;
  }

  @Override
  public void close() {
    machine.close();
  }
}
