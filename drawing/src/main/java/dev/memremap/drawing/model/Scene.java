// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

import dev.memremap.rule.Fact;
import java.util.List;
import java.util.Objects;

/**
 * What a picture shows, as plain values. They come from a machine, from a machine file, from a
 * plan, or from what another process says of itself.
 *
 * @param title the first line
 * @param notes lines below it
 * @param machines the machines, side by side on one scale: one, or two that are compared; none if a
 *     page map is planned without a machine
 * @param overlays what is drawn beside them
 * @param assumptions what the picture rests on and is not known, one sentence each
 * @param timelines teardowns, below the map
 */
public record Scene(
    String title,
    List<String> notes,
    List<MachineMap> machines,
    List<Overlay> overlays,
    List<String> assumptions,
    List<Timeline> timelines) {
  /** Checks the parts. */
  public Scene {
    Objects.requireNonNull(title, "title");
    notes = List.copyOf(notes);
    machines = List.copyOf(machines);
    overlays = List.copyOf(overlays);
    assumptions = List.copyOf(assumptions);
    timelines = List.copyOf(timelines);
  }

  /** Makes one of machines alone. */
  public Scene(
      String title, List<String> notes, List<MachineMap> machines, List<String> assumptions) {
    this(title, notes, machines, List.of(), assumptions, List.of());
  }

  /** Returns this scene with other lines below the title. */
  public Scene withNotes(List<String> below) {
    return new Scene(title, below, machines, overlays, assumptions, timelines);
  }

  /** Returns this scene with other sentences of what is assumed. */
  public Scene withAssumptions(List<String> sentences) {
    return new Scene(title, notes, machines, overlays, sentences, timelines);
  }

  /** Returns this scene with what is drawn beside the machines. */
  public Scene withOverlays(List<Overlay> beside) {
    return new Scene(title, notes, machines, beside, assumptions, timelines);
  }

  /** Returns this scene with teardowns below the map. */
  public Scene withTimelines(List<Timeline> below) {
    return new Scene(title, notes, machines, overlays, assumptions, below);
  }

  /** Returns the sentences of those facts that are assumed. */
  public static List<String> assumptions(List<Fact.Known> facts) {
    return facts.stream()
        .filter(Fact.Known::isAssumed)
        .map(
            known ->
                "%s %s: %s; %s would tell"
                    .formatted(known.fact().id(), known.value(), known.because(), known.tells()))
        .toList();
  }
}
