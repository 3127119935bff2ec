// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.terminal.ExitStatus;
import dev.memremap.cli.terminal.Letters;
import dev.memremap.cli.terminal.StandardStreams;
import dev.memremap.cli.terminal.Terminal;
import dev.memremap.cli.terminal.UsageException;
import dev.memremap.drawing.model.Scene;
import dev.memremap.drawing.model.View;
import dev.memremap.drawing.source.MachineScene;
import dev.memremap.drawing.terminal.TerminalWriter;
import dev.memremap.machine.MachineDescription;
import dev.memremap.reading.MachineReader;
import dev.memremap.reading.Reading;
import dev.memremap.reading.Remark;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.rule.PlainText;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code memremap iomem}. */
@Command(
    name = "iomem",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = ExitStatus.HEADING,
    exitCodeList = {
      ExitStatus.OK_TEXT,
      ExitStatus.REFUSED_IF + "--at or --kind finds nothing, or --diff finds a difference.",
      ExitStatus.UNUSABLE_TEXT,
      ExitStatus.OUTPUT_LOST_TEXT,
      ExitStatus.INTERRUPTED_TEXT
    },
    description = "Show what lies where in a machine's physical address space, and what it is.")
final class IomemCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private MachineOption machine;
  @Mixin private SvgOption drawing;

  @Option(
      names = {"-b", "--bytes"},
      description = "Print sizes in bytes.")
  private boolean bytes;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "COLUMNS",
      description =
          "Print a table of these columns alone, separated by commas: START, END, SIZE, DEPTH,"
              + " BUSY, KIND, NAME, MEANING.")
  private @Nullable String columns;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description =
          "Show only resources of these kinds, separated by commas, such as system-ram,pci-device;"
              + " -o KIND,NAME lists those of a machine.")
  private @Nullable String kinds;

  @Option(
      names = "--at",
      paramLabel = "WHERE",
      description =
          "Show only what shares a byte with an address, such as 0x40000000, or with a range:"
              + " START+SIZE, or START-END in hexadecimal.")
  private @Nullable String at;

  @Option(names = "--summary", description = "Show only how much there is of each kind of memory.")
  private boolean summary;

  @Option(
      names = "--map",
      description =
          "Draw it with block characters, in as many columns as the terminal has, at least 80; with"
              + " LANG=C in ASCII.")
  private boolean map;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(
      names = "--diff",
      arity = "2",
      paramLabel = "FILE",
      description = "Show two machines side by side, and what only one of them has.")
  private Path @Nullable [] diff;

  IomemCommand() {
    this.machine = new MachineOption();
    this.drawing = new SvgOption();
  }

  @Override
  public Integer call() {
    requireEffect();
    PrintWriter out = drawing.textOf(spec.commandLine().getOut());
    if (diff != null) {
      return compare(diff[0], diff[1], out);
    }
    IomemFilter filter =
        new IomemFilter(range(), kinds == null ? Set.of() : IomemFilter.kinds(kinds));
    List<IomemColumn> table = columns == null ? List.of() : IomemColumn.parse(columns);
    Reading reading = machine.read();
    IomemView view = new IomemView(reading.machine(), filter);
    List<Listed.At> shown = filter.in(new ResourceSnapshot(reading.machine().root()));
    draw(reading.machine(), filter);
    if (json) {
      out.println(summary ? view.totalsToJson(reading) : view.toJson(reading));
    } else if (map) {
      drawnMap(reading.machine(), filter).forEach(out::println);
    } else if (summary) {
      view.totals(bytes).forEach(out::println);
    } else if (shown.isEmpty() && !filter.isAll()) {
      out.println(filter.nothing());
    } else if (!table.isEmpty()) {
      IomemColumn.table(table, shown, bytes, Terminal.letters(out)).forEach(out::println);
    } else {
      view.lines(
              shown,
              bytes,
              spec.commandLine().getColorScheme(),
              Terminal.width(out),
              Terminal.letters(out))
          .forEach(out::println);
    }
    return shown.isEmpty() && !filter.isAll() ? ExitStatus.REFUSED : ExitStatus.OK;
  }

  private void draw(MachineDescription described, IomemFilter filter) {
    if (drawing.isGiven()) {
      PrintWriter out = spec.commandLine().getOut();
      drawing.draw(scene(described, filter), filter.at(), out, machine.isHost());
    }
  }

  private Scene scene(MachineDescription described, IomemFilter filter) {
    String title = "Physical addresses of " + machine.name();
    Scene scene = MachineScene.of(title, described, filter::isOfKind);
    return filter.at() == null
        ? scene
        : scene.withNotes(List.of("only what lies at " + filter.at()));
  }

  private List<String> drawnMap(MachineDescription described, IomemFilter filter) {
    PrintWriter terminal = spec.commandLine().getOut();
    return TerminalWriter.lines(
        scene(described, filter).withOverlays(List.of()).withAssumptions(List.of()),
        new View(filter.at(), SvgOption.MAX_BOXES),
        Terminal.width(terminal),
        Terminal.letters(terminal) == Letters.UTF_8
            ? TerminalWriter.Letters.BLOCKS
            : TerminalWriter.Letters.ASCII,
        spec.commandLine().getColorScheme().ansi().enabled());
  }

  /** Refuses options that would do nothing beside the others. */
  private void requireEffect() {
    drawing.requireOutput(json);
    boolean filtered = at != null || kinds != null;
    if (diff != null && (machine.isGiven() || filtered || bytes || columns != null || summary)) {
      throw new UsageException(
          "--diff compares two files whole; leave all other options but --json and --svg out");
    }
    if (map && (json || summary || bytes || columns != null || diff != null)) {
      throw new UsageException(
          "--map draws one machine; leave -b, -o, --summary, --json and --diff out");
    }
    if (summary && (filtered || columns != null)) {
      throw new UsageException("--summary shows totals of all; leave -o, --at and --kind out");
    }
    if (json && (bytes || columns != null)) {
      throw new UsageException("--json has all columns and sizes in bytes; leave -b and -o out");
    }
  }

  private @Nullable PhysRange range() {
    if (at == null) {
      return null;
    }
    if (at.indexOf('/') >= 0) {
      throw new UsageException("--at takes an address or a range; 'memremap what' takes " + at);
    }
    return switch (Where.parseAddresses(at)) {
      case Where.At point -> PhysRange.of(point.address(), 1);
      case Where.Span span ->
          new Where.Spot(span.start(), span.size(), Where.Extent.GIVEN, null).range();
      default -> throw new IllegalStateException(at + " is neither an address nor a range");
    };
  }

  private int compare(Path first, Path second, PrintWriter out) {
    StandardStreams.requireOneInput(List.of(first, second));
    Reading a = read(first);
    Reading b = read(second);
    IomemDiff difference = IomemDiff.between(a.machine().root(), b.machine().root());
    if (drawing.isGiven()) {
      Scene scene =
          difference.scene(
              a.machine(), SvgOption.nameOf(first), b.machine(), SvgOption.nameOf(second));
      drawing.draw(scene, spec.commandLine().getOut(), false);
    }
    if (json) {
      List<Remark> remarks = new ArrayList<>(a.remarks());
      remarks.addAll(b.remarks());
      out.println(difference.toJson(first.toString(), second.toString(), remarks));
    } else {
      difference
          .lines(
              PlainText.of(first.toString()),
              PlainText.of(second.toString()),
              Terminal.letters(out))
          .forEach(out::println);
    }
    return difference.isEmpty() ? ExitStatus.OK : ExitStatus.REFUSED;
  }

  private Reading read(Path file) {
    Reading reading = MachineReader.of(file).read();
    MachineOption.say(reading, spec.commandLine().getErr());
    return reading;
  }
}
