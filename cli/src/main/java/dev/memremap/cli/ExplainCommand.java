// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.cli.terminal.ExitStatus;
import dev.memremap.cli.terminal.Terminal;
import dev.memremap.cli.terminal.UsageException;
import dev.memremap.drawing.model.Scene;
import dev.memremap.plan.Plan;
import dev.memremap.resource.Memparse;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code memremap explain}. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    modelTransformer = LogOption.class,
    exitCodeListHeading = ExitStatus.HEADING,
    exitCodeList = {
      ExitStatus.OK_TEXT,
      ExitStatus.REFUSED_IF
          + "It would be refused; of several kernels, by one of them, or they answer differently.",
      ExitStatus.UNUSABLE_TEXT,
      ExitStatus.OUTPUT_LOST_TEXT,
      ExitStatus.INTERRUPTED_TEXT
    },
    description = {
      "Say what memremap(WHERE, SIZE, FLAGS) would do and why, without doing it.",
      "Asked for UC- or UC, it says what an ioremap would do.",
      "With several kernels, such as --kernel 5.10,6.1,7.3, it says side by side what they answer"
          + " differently, and which row of docs/kernels.md makes the difference."
    })
final class ExplainCommand implements Callable<Integer>, LogOption.Command {
  @Spec private CommandSpec spec;
  @Mixin private MachineOption machine;
  @Mixin private HostPermissions.ToAsk permissions;
  @Mixin private SvgOption drawing;

  @Parameters(
      index = "0",
      paramLabel = "WHERE",
      description =
          "The physical address of the first byte, such as 0x40000000; or the range: START+SIZE,"
              + " START-END in hexadecimal, or DEVICE/BAR+OFFSET, such as 0000:03:00.0/0+0x10.")
  private String where = "";

  @Parameters(
      index = "1..2",
      arity = "1..2",
      paramLabel = "[SIZE] FLAGS",
      hideParamSyntax = true,
      description =
          "The size, such as 4K, unless WHERE says it. Then WB, WT, WC, ENC and DEC, joined by | or"
              + " comma, or a number; or UC- or UC, which an ioremap and a plain mmap of a device's"
              + " file get.")
  private List<String> rest = List.of();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  private List<Path> log = List.of();

  ExplainCommand() {
    this.machine = new MachineOption();
    this.permissions = new HostPermissions.ToAsk();
    this.drawing = new SvgOption();
  }

  @Override
  public List<Path> log() {
    return log;
  }

  @Override
  public void log(List<Path> given) {
    log = given;
  }

  @Override
  public Integer call() {
    LogOption.file(log, machine::useLog);
    drawing.requireOutput(json);
    Where place = Where.parse(where);
    Words.Asked asked = Words.Asked.of(rest.getLast());
    Long size = rest.size() == 1 ? null : size(rest.getFirst());
    List<String> kernels = machine.kernelsToCompare();
    if (!kernels.isEmpty()) {
      if (drawing.isGiven()) {
        throw new UsageException("--svg draws the answer of one kernel; give --kernel one release");
      }
      return sides(kernels, place, size, asked);
    }
    try (Machine on = machine.withBytes(permissions)) {
      ExplainView view = view(on, place, size, asked);
      if (drawing.isGiven()) {
        Scene scene = view.scene(machine.name());
        drawing.draw(scene, spec.commandLine().getOut(), machine.isHost());
      }
      PrintWriter out = drawing.textOf(spec.commandLine().getOut());
      if (json) {
        out.println(view.toJson(machine::addRemarks));
      } else {
        view.lines().forEach(out::println);
      }
      return view.isGranted() ? ExitStatus.OK : ExitStatus.REFUSED;
    }
  }

  private int sides(List<String> kernels, Where place, @Nullable Long size, Words.Asked asked) {
    ExplainSides sides =
        new ExplainSides(
            kernels,
            (kernel, rows, look) -> {
              try (Machine on = machine.withBytes(permissions, kernel, rows)) {
                look.accept(view(on, place, size, asked));
              }
            });
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(sides.toJson(machine::addRemarks));
    } else {
      sides.lines(Terminal.width(out), Terminal.letters(out)).forEach(out::println);
    }
    return sides.isGrantedAlike() ? ExitStatus.OK : ExitStatus.REFUSED;
  }

  private ExplainView view(Machine on, Where place, @Nullable Long size, Words.Asked asked) {
    Where.Spot spot = sized(place.on(on), size);
    return new ExplainView(spot, asked, plan(on, spot, asked), on, LogOption.isAlone(log));
  }

  private static long size(String text) {
    try {
      return Memparse.parseAnyCase(text);
    } catch (NumberFormatException e) {
      throw new UsageException("SIZE: " + e.getMessage(), e);
    }
  }

  private Where.Spot sized(Where.Spot spot, @Nullable Long size) {
    if (size == null && spot.extent() == Where.Extent.POINT) {
      throw new UsageException(
          "%s is an address and has no size; write explain %s SIZE %s, or START+SIZE"
              .formatted(where, where, rest.getLast()));
    }
    if (size != null && spot.extent() == Where.Extent.GIVEN) {
      throw new UsageException("%s already gives a size; leave SIZE out".formatted(where));
    }
    return size == null ? spot : spot.sized(size);
  }

  /** Asks a machine. */
  static Plan plan(Machine on, Where.Spot spot, Words.Asked asked) {
    return asked.registers() == null
        ? on.explain(spot.start(), spot.size(), asked.flags())
        : on.explainIoremap(spot.range(), asked.registers());
  }
}
