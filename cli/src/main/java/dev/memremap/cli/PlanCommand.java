// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.cli.terminal.ExitStatus;
import dev.memremap.cli.terminal.UsageException;
import dev.memremap.drawing.model.MachineMap;
import dev.memremap.drawing.model.Scene;
import dev.memremap.drawing.model.SizeText;
import dev.memremap.drawing.source.MachineScene;
import dev.memremap.drawing.source.PlanOverlays;
import dev.memremap.machine.Architecture;
import dev.memremap.machine.MachineDescription;
import dev.memremap.nvdimm.NamespacePlan;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.PagemapOps;
import dev.memremap.page.PagemapRange;
import dev.memremap.page.VmemAltmap;
import dev.memremap.plan.PagemapPlan;
import dev.memremap.resource.Intersection;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.ResourceDesc;
import dev.memremap.resource.ResourceFlags;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code memremap plan}. */
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    modelTransformer = LogOption.class,
    exitCodeListHeading = ExitStatus.HEADING,
    exitCodeList = {
      ExitStatus.OK_TEXT,
      ExitStatus.REFUSED_IF + "It would be refused.",
      ExitStatus.UNUSABLE_TEXT,
      ExitStatus.OUTPUT_LOST_TEXT,
      ExitStatus.INTERRUPTED_TEXT
    },
    description = {
      "Say what a page map would cost, or what is wrong with it and which range near it works.",
      "The cost is its page structures, where they go, and what is left to use. Nothing is mapped.",
      "With --namespace, say what 'ndctl create-namespace' would leave of a region."
    })
final class PlanCommand implements Callable<Integer>, LogOption.Command {
  @Spec private CommandSpec spec;
  @Mixin private MachineOption machine;
  @Mixin private NamespaceOptions namespace;
  @Mixin private SvgOption drawing;

  @Parameters(
      index = "0",
      paramLabel = "SIZE|RANGE",
      converter = Words.Extent.class,
      description =
          "A size, such as 1T: planned where nothing is in the way, on a machine like that of -m"
              + " and --set, or without them on x86_64; or a range of the machine, START+SIZE, such"
              + " as 0x40000000+256M, or START-END in hexadecimal.")
  private Words.Span extent = Words.Span.NONE;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      converter = Words.Type.class,
      completionCandidates = Words.Type.class,
      description = "What kind of memory: ${COMPLETION-CANDIDATES}. Needed without --namespace.")
  private Optional<MemoryType> type = Optional.empty();

  @Option(
      names = "--altmap",
      description = "Put the page structures into the device's own memory, in an altmap.")
  private boolean altmap;

  @Option(
      names = "--reserve",
      paramLabel = "PAGES",
      converter = Words.Amount.class,
      description = "Pages at the start that are the driver's own, before the altmap.")
  private long reserve;

  @Option(
      names = "--shift",
      paramLabel = "N",
      description = "Compound pages of 2^N pages. Default: 0, single pages.")
  private int shift;

  @Option(
      names = "--memmap",
      paramLabel = "GEOMETRY",
      description =
          "compact, 16 bytes a page, or kernel, 64 as Linux has them. Default: what the machine"
              + " file says, else compact.")
  private Optional<String> memmap = Optional.empty();

  @Option(
      names = "--kernel-page",
      paramLabel = "4K|16K|64K",
      converter = Words.KernelPage.class,
      description =
          "The page size of the Linux to compare with, or that makes the namespace. Default: that"
              + " of the machine.")
  private Optional<Integer> kernelPage = Optional.empty();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  private List<Path> log = List.of();

  PlanCommand() {
    this.machine = new MachineOption();
    this.namespace = new NamespaceOptions();
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
    requireEffect();
    PrintWriter out = drawing.textOf(spec.commandLine().getOut());
    MachineDescription description = extent.hasStart() ? machine.describe() : describeEmpty();
    if (namespace.isGiven()) {
      return planNamespace(description, out);
    }
    if (memmap.isPresent()) {
      description = description.with("memmap", memmap.get());
    }
    try (Machine simulated = Machine.simulated(description)) {
      DevPagemap map = pagemap(description);
      PagemapPlan plan = simulated.explainPages(map);
      if (drawing.isGiven()) {
        draw(description, map, plan);
      }
      PlanView view =
          new PlanView(
              map,
              plan,
              PlannedPlace.on(description, extent),
              description,
              kernelPage.orElse(description.pageSize()),
              LogOption.isAlone(log));
      if (json) {
        out.println(view.toJson(machine::addRemarks));
      } else {
        view.lines().forEach(out::println);
      }
      return plan.isGranted() ? ExitStatus.OK : ExitStatus.REFUSED;
    }
  }

  /** Draws the page map beside its machine; one without a start, by itself. */
  private void draw(MachineDescription description, DevPagemap map, PagemapPlan plan) {
    String title = "A page map of " + SizeText.of(extent.range().sizeBytes());
    Scene scene = MachineScene.of(title + " on " + machine.name(), description);
    List<MachineMap> machines = extent.hasStart() ? scene.machines() : List.of();
    List<String> assumptions = Scene.assumptions(plan.assumptions());
    scene =
        new Scene(extent.hasStart() ? scene.title() : title, List.of(), machines, assumptions)
            .withOverlays(PlanOverlays.of(plan, map, description.pageSize()));
    drawing.draw(scene, spec.commandLine().getOut(), machine.isHost() && extent.hasStart());
  }

  /**
   * A machine with nothing in it. Without {@code -m} its architecture is x86_64, as the manual
   * says; of a file that does not tell it, it is assumed, and that is said.
   */
  private MachineDescription describeEmpty() {
    MachineDescription empty = machine.describeEmpty();
    boolean assumed =
        !machine.isHost() && NamespaceView.assumedArchitecture(machine.describe()).isPresent();
    return assumed ? empty : empty.with("arch", empty.architecture().id());
  }

  /** Passes if every option that was given has an effect. */
  private void requireEffect() {
    drawing.requireOutput(json);
    List<String> idle = new ArrayList<>(namespace.idle());
    String because = "needs --namespace fsdax or devdax";
    if (namespace.isGiven()) {
      because = "has no effect with --namespace, because ndctl chooses the page map; leave it out";
      type.ifPresent(given -> idle.add("--type"));
      memmap.ifPresent(given -> idle.add("--memmap"));
      if (altmap) {
        idle.add("--altmap");
      }
      if (reserve != 0) {
        idle.add("--reserve");
      }
      if (shift != 0) {
        idle.add("--shift");
      }
      if (LogOption.isAlone(log)) {
        idle.add("--dmesg");
      }
      if (drawing.isGiven()) {
        throw new UsageException("--svg draws page maps; leave it out with --namespace");
      }
    }
    if (shift < 0 || shift >= Long.SIZE) {
      throw new UsageException(
          "--shift %d: write the power of two that a compound page has of pages, 0 to 63"
              .formatted(shift));
    }
    if (!idle.isEmpty()) {
      throw new ParameterException(spec.commandLine(), idle.getFirst() + " " + because);
    }
    if (!namespace.isGiven() && type.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "Missing required option: '--type=TYPE' or '--namespace=fsdax|devdax'");
    }
    if (LogOption.isAlone(log) && !extent.hasStart()) {
      throw new UsageException(
          "--dmesg: the lines name addresses, and a size has none; write START+SIZE");
    }
  }

  private int planNamespace(MachineDescription description, PrintWriter out) {
    PhysRange region = PhysRange.of(extent.range().start(), extent.range().sizeBytes());
    NamespacePlan plan =
        NamespacePlan.of(namespace.request(region), kernelPage.orElse(description.pageSize()));
    NamespaceView view =
        new NamespaceView(
            plan,
            plan.isGranted() && extent.hasStart() ? pagesOf(plan, description) : null,
            plan.isGranted() && extent.hasStart() ? inRam(plan, description) : null,
            description,
            PlannedPlace.on(description, extent));
    if (json) {
      out.println(view.toJson(machine::addRemarks));
    } else {
      view.lines().forEach(out::println);
    }
    return view.isGranted() ? ExitStatus.OK : ExitStatus.REFUSED;
  }

  /** What the machine says of the namespace's page map; null if it has no rules for it (C-19). */
  private static @Nullable PagemapPlan pagesOf(NamespacePlan plan, MachineDescription description) {
    if (description.architecture() != Architecture.X86_64) {
      return null;
    }
    try (Machine simulated = Machine.simulated(description)) {
      return simulated.explainPages(plan.pagemap().build());
    }
  }

  /**
   * That the namespace's memory is System RAM, which has page structures on every architecture;
   * null if it is not. The memory map alone decides this, so it needs no rules for page maps
   * (C-19).
   */
  private static @Nullable Refusal inRam(NamespacePlan plan, MachineDescription description) {
    PhysRange mapped = plan.layout().orElseThrow().mapped();
    Intersection ram =
        new ResourceSnapshot(description.root())
            .regionIntersects(
                mapped.start(), mapped.sizeBytes(), ResourceFlags.SYSTEM_RAM, ResourceDesc.NONE);
    return ram == Intersection.DISJOINT
        ? null
        : new Refusal(
            Errno.ENXIO,
            Rule.C_3,
            "%s is %sSystem RAM, which has page structures already; take a region beside it"
                .formatted(mapped, ram == Intersection.MIXED ? "partly " : ""));
  }

  /** A page map. What a type needs beside memory is the driver's, and no question of cost. */
  static DevPagemap.Builder builder(PagemapRange range, MemoryType type) {
    return DevPagemap.over()
        .range(range.start(), range.sizeBytes())
        .type(type)
        .owner("plan")
        .ops(
            PagemapOps.none()
                .withPageFree(page -> {})
                .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS));
  }

  private DevPagemap pagemap(MachineDescription description) {
    PagemapRange range = extent.range();
    DevPagemap.Builder builder = builder(range, type.orElseThrow()).vmemmapShift(shift);
    if (altmap || reserve != 0) {
      long free = altmap ? VmemAltmap.freeFor(range, reserve, description, shift) : 0;
      builder.altmap(reserve, free, description.pageSize());
    }
    return builder.build();
  }
}
