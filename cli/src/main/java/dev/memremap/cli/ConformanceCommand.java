// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.terminal.ExitStatus;
import dev.memremap.cli.terminal.OutputException;
import dev.memremap.cli.terminal.ProgressLine;
import dev.memremap.conformance.ConformanceRun;
import dev.memremap.conformance.Finding;
import dev.memremap.conformance.GuestKernel;
import dev.memremap.conformance.GuestLimits;
import dev.memremap.conformance.JudgeMachine;
import dev.memremap.conformance.KernelExecutor;
import dev.memremap.conformance.ScratchDirectory;
import dev.memremap.scenario.MachineExecutor;
import dev.memremap.scenario.ScenarioExecutor;
import dev.memremap.spi.IoReason;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code memremap conformance}. */
@Command(
    name = "conformance",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = ExitStatus.HEADING,
    exitCodeList = {
      ExitStatus.OK_TEXT,
      ExitStatus.REFUSED_IF
          + "A difference was found, or the generated scenarios asked too little.",
      ExitStatus.UNUSABLE_TEXT,
      ExitStatus.OUTPUT_LOST_TEXT,
      ExitStatus.INTERRUPTED_TEXT
    },
    description = {
      "Let a real kernel judge: carry scenarios out here and on a Linux booted in QEMU, and compare"
          + " line by line.",
      "Without FILE the scenarios are generated. A difference is shrunk, explained and saved."
    })
final class ConformanceCommand implements Callable<Integer> {
  private static final String DEFAULT_KERNEL = "6.1";

  /** Held here, because a logger without a strong reference loses its level. */
  private static final Logger WARNINGS = Logger.getLogger("dev.memremap");

  /** Its messages are shown, too: they say for example that a guest is booted again. */
  private static final Logger GUESTS = Logger.getLogger("dev.memremap.conformance");

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = "FILE",
      description = "Scenario files, or folders of them, instead of generated ones.")
  private List<Path> files = List.of();

  @Option(
      names = "--kernel",
      paramLabel = "SERIES",
      completionCandidates = KernelNames.Judges.class,
      defaultValue = DEFAULT_KERNEL,
      description =
          "The kernel that judges: "
              + GuestKernel.SERIES
              + ". It is fetched from Debian, with its headers,"
              + " when it is first asked for. Where Debian has no such series now, the one right"
              + " before it stands in, and the run says so. Default: ${DEFAULT-VALUE}.")
  private String kernel = DEFAULT_KERNEL;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "What scenarios are generated from; the same seed gives the same ones.")
  private @Nullable Long seed;

  @Option(
      names = "--scenarios",
      paramLabel = "M",
      description = "How many are generated. Default: 200.")
  private @Nullable Integer scenarios;

  @Option(
      names = "--guest",
      paramLabel = "GUEST",
      completionCandidates = GuestNames.class,
      description =
          "The guest they are generated for, qemu-2g or qemu-3g; may be repeated. Default: one"
              + " after the other for both.")
  private List<String> guests = List.of();

  @Option(
      names = "--save",
      paramLabel = "DIR",
      defaultValue = "conformance-differences",
      description = "Where scenarios that differ are saved. Default: ${DEFAULT-VALUE}.")
  private Path save = Path.of("conformance-differences");

  @Option(
      names = "--most",
      paramLabel = "N",
      defaultValue = "10",
      description = "After how many differences to stop. Default: ${DEFAULT-VALUE}.")
  private int most = 10;

  ConformanceCommand() {}

  /** What can be written for GUEST. */
  static final class GuestNames implements Iterable<String> {
    GuestNames() {}

    @Override
    public Iterator<String> iterator() {
      return List.of("qemu-2g", "qemu-3g").iterator();
    }
  }

  @Override
  public Integer call() throws InterruptedException {
    checkOptions();
    // generated misuse makes the library warn, and that is nothing to a reader
    WARNINGS.setLevel(Level.OFF);
    GUESTS.setLevel(Level.WARNING);
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Optional<JudgedScenarios> named =
        files.isEmpty() ? Optional.empty() : Optional.of(JudgedScenarios.named(files));
    named.ifPresent(these -> these.complaints().forEach(err::println));
    if (named.filter(these -> these.count() == 0).isPresent()) {
      return ExitStatus.UNUSABLE;
    }
    GuestKernel booted =
        kernel.equals(DEFAULT_KERNEL)
            ? GuestKernel.fetched(err::println)
            : GuestKernel.fetched(kernel, err::println);
    try (KernelExecutor judge = KernelExecutor.of(booted);
        JudgedScenarios judged = named.orElseGet(() -> generated(judge, out, booted))) {
      ConformanceRun run = new ConformanceRun(judge, ours(booted), most);
      ConformanceRun.Result result = compare(run, judged);
      OutputException lost = report(result.findings(), save, out);
      out.println(result.summary());
      boolean easy = isTooEasy(result, judged.count(), out, err);
      if (result.killed().isPresent()) {
        // what was found until then stands above, and says nothing of the rest
        throw result.killed().get();
      }
      if (result.stopped()) {
        err.printf("memremap: stopped after %d differences; --most goes on%n", most);
      }
      if (lost != null) {
        throw lost;
      }
      boolean differs = !result.findings().isEmpty() || easy;
      return differs
          ? ExitStatus.REFUSED
          : judged.complaints().isEmpty() ? ExitStatus.OK : ExitStatus.UNUSABLE;
    }
  }

  private static ConformanceRun.Result compare(ConformanceRun run, JudgedScenarios judged)
      throws InterruptedException {
    try (ScratchDirectory terminal = ScratchDirectory.create("memremap-terminal")) {
      // the progress line unpacks a library, which would lie there for ever after a kill -9
      System.setProperty("jline.tmpdir", terminal.path().toString());
      try (ProgressLine progress = new ProgressLine("compared", judged.count())) {
        return run.compare(
            judged.scenarios(),
            (done, findings) -> progress.stepTo(done, findings == 0 ? "" : findings + " differ"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("temporary files cannot be made (" + IoReason.of(e) + ")", e);
    }
  }

  /** Our machines follow the kernel that judges. */
  private static ScenarioExecutor.Factory ours(GuestKernel judging) {
    return scenario -> MachineExecutor.open(scenario, judging.series());
  }

  private void checkOptions() {
    if (!files.isEmpty() && (seed != null || scenarios != null || !guests.isEmpty())) {
      throw new ParameterException(
          spec.commandLine(),
          "FILE is instead of generated scenarios: --seed, --scenarios and --guest say nothing"
              + " there.");
    }
    if ((scenarios != null && scenarios < 1) || most < 1) {
      throw new ParameterException(
          spec.commandLine(), "--scenarios and --most are at least 1: nothing would be compared.");
    }
    GuestKernel.requireSeries(kernel);
    GuestLimits.find();
  }

  private JudgedScenarios generated(KernelExecutor judge, PrintWriter out, GuestKernel booted) {
    long from = seed != null ? seed : ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE);
    int count = scenarios != null ? scenarios : 200;
    List<JudgeMachine> machines =
        guests.isEmpty()
            ? List.of(JudgeMachine.values())
            : guests.stream().map(JudgeMachine::named).distinct().toList();
    out.printf("Linux %s, seed %d, %d scenarios%n", booted.release(), from, count);
    out.flush();
    return JudgedScenarios.generated(machines, judge, from, count);
  }

  /**
   * Shows and saves what was found.
   *
   * @return why the first that could not be saved was not; null if all were
   */
  static @Nullable OutputException report(List<Finding> findings, Path save, PrintWriter out) {
    OutputException lost = null;
    for (Finding finding : findings) {
      Path machine = Path.of(finding.scenario().machine().spec()).getFileName();
      Path folder = save.resolve(machine.toString().replaceFirst("\\.[^.]*$", ""));
      String name = "not saved";
      try {
        name = finding.save(folder).toString();
      } catch (IOException e) {
        lost = lost == null ? new OutputException(folder.toString(), e) : lost;
      }
      out.printf("%n%s: %d operations are left%n", name, finding.scenario().operations().size());
      out.println(finding.explanation());
    }
    return lost;
  }

  /** Whether many generated scenarios asked too little to count as an examination. */
  private boolean isTooEasy(
      ConformanceRun.Result result, int count, PrintWriter out, PrintWriter err) {
    if (!files.isEmpty() || result.stopped()) {
      return false;
    }
    out.println(result.coverage().shares());
    List<String> waived = result.coverage().waived();
    if (!waived.isEmpty()) {
      out.println("this kernel cannot be asked: " + String.join(", ", waived));
    }
    List<String> shortcomings = result.shortcomings(count);
    shortcomings.forEach(sentence -> err.println("memremap: too easy an examiner: " + sentence));
    return !shortcomings.isEmpty();
  }
}
