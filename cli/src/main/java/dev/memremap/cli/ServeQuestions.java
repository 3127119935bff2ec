// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.cli.terminal.UsageException;
import dev.memremap.drawing.model.Overlay;
import dev.memremap.drawing.source.PlanOverlays;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.plan.IoremapPlan;
import dev.memremap.plan.PagemapPlan;
import dev.memremap.plan.Plan;
import dev.memremap.plan.RemapPlan;
import dev.memremap.serve.Questions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.databind.node.ObjectNode;

/** Answers pages as {@code explain} and {@code plan} answer a command line. */
final class ServeQuestions implements Questions {
  private final Consumer<ObjectNode> remarks;

  /**
   * Answers.
   *
   * @param remarks adds what there is to say of the machine's files
   */
  ServeQuestions(Consumer<ObjectNode> remarks) {
    this.remarks = remarks;
  }

  @Override
  public List<Choice> choices() {
    List<Choice> choices = new ArrayList<>();
    for (String flags : List.of("WB", "WT", "WC", "WB|WT|WC")) {
      choices.add(new Choice(flags, "memremap " + flags));
    }
    for (String mode : List.of("UC-", "UC")) {
      choices.add(new Choice(mode, "ioremap " + mode));
    }
    for (MemoryType type : MemoryType.values()) {
      choices.add(Choice.ofPages(type.name(), "page map " + type.name()));
    }
    return choices;
  }

  @Override
  public Answer explain(Machine machine, String where, String flags) {
    return sentences(
        () -> {
          Words.Asked asked = Words.Asked.of(flags);
          Where.Spot spot = Where.parse(where).on(machine);
          if (spot.extent() == Where.Extent.POINT) {
            throw new UsageException(
                where + " is an address and has no size; write START+SIZE, such as 0x40000000+4K");
          }
          Plan plan = ExplainCommand.plan(machine, spot, asked);
          ExplainView view = new ExplainView(spot, asked, plan, machine, false);
          return new Answer(
              view.isGranted(), view.lines(), view.toJson(remarks), overlays(plan, asked, machine));
        });
  }

  private static List<Overlay> overlays(Plan plan, Words.Asked asked, Machine machine) {
    return switch (plan) {
      case RemapPlan remap -> PlanOverlays.of(remap, machine.resources());
      case IoremapPlan registers -> PlanOverlays.of(registers, asked.toString());
      case PagemapPlan pages -> List.of();
    };
  }

  @Override
  public Answer plan(Machine machine, String where, String type) {
    return sentences(
        () -> {
          Words.Span extent = new Words.Extent().convert(where);
          if (!extent.hasStart()) {
            throw new UsageException(
                where + " lies nowhere; write START+SIZE, such as 0x40000000+256M");
          }
          DevPagemap map =
              PlanCommand.builder(extent.range(), new Words.Type().convert(type)).build();
          PagemapPlan plan = machine.explainPages(map);
          PlanView view =
              new PlanView(
                  map,
                  plan,
                  PlannedPlace.on(machine.description(), extent),
                  machine.description(),
                  machine.description().pageSize(),
                  false);
          return new Answer(
              plan.isGranted(),
              view.lines(),
              view.toJson(remarks),
              PlanOverlays.of(plan, map, machine.pageSize()));
        });
  }

  /**
   * Words that cannot be used are refused in a sentence, whichever part of the command finds it.
   */
  private static Answer sentences(Supplier<Answer> answer) {
    try {
      return answer.get();
    } catch (UsageException | TypeConversionException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
