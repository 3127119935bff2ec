// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.MachineBuilder;
import dev.memremap.MachineBuilder.KernelRow;
import dev.memremap.cli.json.RemarksJson;
import dev.memremap.cli.terminal.StandardStreams;
import dev.memremap.cli.terminal.UsageException;
import dev.memremap.machine.MachineDescription;
import dev.memremap.reading.FactFile;
import dev.memremap.reading.MachineReader;
import dev.memremap.reading.Reading;
import dev.memremap.rule.MemremapException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/** Which machine a command speaks of. */
final class MachineOption {
  private static final Path HOST = Path.of("host");

  /** Why files of facts have no effect where the machine is this computer. */
  private static final String OWN_TABLES = "this computer's own tables are read";

  /**
   * A machine where nothing is in the way: all that is listed lies beyond the addresses of page
   * maps.
   */
  private static final String NOTHING_IN_THE_WAY = "400000000000-400000000fff : Reserved\n";

  /** The facts that say how some addresses are mapped; the others are of the machine as a whole. */
  private static final Set<String> OF_ADDRESSES = Set.of("# mtrr-uc=", "# memtype=", "# bar=");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = {"-m", "--machine"},
      paramLabel = "FILE|DIR|host",
      description =
          "A machine file or a copy of /proc/iomem, also as it was pasted; a kernel's log with its"
              + " BIOS-e820 or EFI map; what lsmem prints; packed by gzip or xz; '-' reads standard"
              + " input. A folder or tar archive that holds such a file, and those of the options"
              + " below. 'host' is this computer, whose tables are read as root. Default:"
              + " host.")
  private @Nullable Path machine;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A fact about the machine that wins over its file's, such as phys-bits=40.")
  private List<String> facts = new ArrayList<>();

  @Option(
      names = "--kernel",
      paramLabel = "RELEASE",
      completionCandidates = KernelNames.Followed.class,
      description =
          "The kernel that the machine follows, 5.10 to 7.3: short for --set kernel=RELEASE."
              + " Default: its file's, else 6.1. 'explain' and 'run' take several, such as"
              + " 5.10,6.1,7.3.")
  private @Nullable String kernel;

  private boolean takesSeveralKernels;

  @Option(
      names = "--cpuinfo",
      paramLabel = "FILE",
      description = "The machine's /proc/cpuinfo, for the width of its addresses.")
  private @Nullable Path cpuinfo;

  @Option(names = "--mtrr", paramLabel = "FILE", description = "The machine's /proc/mtrr.")
  private @Nullable Path mtrr;

  @Option(
      names = "--pat",
      paramLabel = "FILE",
      description = "The machine's /sys/kernel/debug/x86/pat_memtype_list.")
  private @Nullable Path pat;

  @Option(
      names = "--lspci",
      paramLabel = "FILE",
      description = "What 'lspci -vv' prints there, for the numbers of BARs and the drivers.")
  private @Nullable Path lspci;

  @Option(
      names = "--dmesg",
      paramLabel = "FILE",
      description = "The machine's kernel log; where it disagrees with the map, that is said.")
  private @Nullable Path dmesg;

  private volatile @Nullable Reading reading;

  /** Names the machine's kernel log, for a command whose --dmesg says more than that. */
  void useLog(Path log) {
    dmesg = log;
  }

  /** Whether a user said anything of a machine. */
  boolean isGiven() {
    return machine != null || !facts().isEmpty() || !files().isEmpty();
  }

  /** What a picture calls it. */
  String name() {
    return machine == null || isHost() ? "this computer" : SvgOption.nameOf(machine);
  }

  boolean isHost() {
    return machine == null || machine.equals(HOST);
  }

  MachineDescription describe() {
    return read().machine();
  }

  /** The machine, and what there is to say about its files, which is said on standard error. */
  Reading read() {
    Reading read = reading;
    return read == null ? readAnew() : read;
  }

  /** The machine as its files are now. */
  Reading readAnew() {
    Reading read = machine == null || isHost() ? ofHost() : ofFiles(machine);
    read = new Reading(withFacts(read.machine()), read.remarks(), read.facts());
    reading = read;
    say(read, command.commandLine().getErr());
    return read;
  }

  /** Prints one line for each file that there is something to say about. */
  static void say(Reading reading, PrintWriter errors) {
    reading.lines().forEach(line -> errors.println("memremap: " + line));
  }

  /**
   * The machine with nothing in it: its page size, its page structures and all else that it is, and
   * no memory that could be in the way. Without {@code --machine}, an x86_64 machine. This computer
   * needs no privilege for it.
   */
  MachineDescription describeEmpty() {
    MachineDescription empty = MachineDescription.parse(NOTHING_IN_THE_WAY);
    MachineDescription full;
    if (machine == null) {
      requireNoFiles("a size without an address is planned without a map");
      full = withFacts(empty);
    } else if (isHost()) {
      requireNoFiles(OWN_TABLES);
      full = withFacts(MachineDescription.ofHost(empty.root()));
    } else {
      full = describe();
    }
    // an architecture that only the names in the map tell stands in no line of the head
    boolean isTold =
        full.facts().stream()
            .anyMatch(
                known ->
                    known.fact() == dev.memremap.rule.Fact.ARCH
                        && known.source() == dev.memremap.rule.Fact.Source.PROVEN);
    String architecture = isTold ? "# arch=" + full.architecture().id() + "\n" : "";
    String facts =
        full.toText()
            .lines()
            .takeWhile(line -> line.startsWith("#"))
            .filter(line -> OF_ADDRESSES.stream().noneMatch(line::startsWith))
            .map(line -> line + "\n")
            .collect(Collectors.joining());
    return MachineDescription.parse(architecture + facts + NOTHING_IN_THE_WAY);
  }

  private MachineDescription withFacts(MachineDescription description) {
    MachineDescription result = description;
    for (Fact fact : facts()) {
      result = result.with(fact.key, fact.value);
    }
    return result;
  }

  private Reading ofHost() {
    requireNoFiles(OWN_TABLES);
    return new Reading(MachineDescription.ofHost(), List.of(), List.of());
  }

  /**
   * Passes if no file of facts is given.
   *
   * @param why they would have no effect
   */
  private void requireNoFiles(String why) {
    files()
        .forEach(
            (kind, file) -> {
              throw new UsageException(
                  "%s %s: %s; name a map with -m beside it".formatted(kind.option(), file, why));
            });
  }

  private Reading ofFiles(Path map) {
    StandardStreams.requireOneInput(
        Stream.concat(Stream.of(map), files().values().stream()).toList());
    MachineReader reader = MachineReader.of(map);
    files().forEach(reader::beside);
    return reader.read();
  }

  private Map<FactFile, Path> files() {
    Map<FactFile, Path> files = new EnumMap<>(FactFile.class);
    put(files, FactFile.CPUINFO, cpuinfo);
    put(files, FactFile.MTRR, mtrr);
    put(files, FactFile.PAT, pat);
    put(files, FactFile.LSPCI, lspci);
    put(files, FactFile.DMESG, dmesg);
    return files;
  }

  /** Whether one of its files is standard input. */
  boolean readsStandardInput() {
    return sources().stream().anyMatch(StandardStreams::isDash);
  }

  /** The files that are read for it, {@code -} included; none for this computer. */
  List<Path> sources() {
    Stream<Path> map = isHost() ? Stream.of() : Stream.ofNullable(machine);
    return Stream.concat(map, files().values().stream()).toList();
  }

  private static void put(Map<FactFile, Path> files, FactFile kind, @Nullable Path file) {
    if (file != null) {
      files.put(kind, file);
    }
  }

  /** Adds what there is to say about the machine's files to a document. */
  void addRemarks(ObjectNode node) {
    RemarksJson.remarks(node, reading == null ? List.of() : reading.remarks());
  }

  /**
   * The kernels that one word names, separated by commas.
   *
   * @throws IllegalArgumentException if no machine may be given one of them; the message says why
   * @throws UsageException if one is named twice
   */
  static List<String> kernels(String word) {
    List<String> kernels = List.of(word.split(",", -1));
    Set<String> seen = new HashSet<>();
    for (String release : kernels) {
      MachineDescription.parse(NOTHING_IN_THE_WAY).with("kernel", release);
      if (!seen.add(release)) {
        throw new UsageException("--kernel %s names %s twice".formatted(word, release));
      }
    }
    return kernels;
  }

  /** The kernels to compare, which only a command that can compares; none unless several are. */
  List<String> kernelsToCompare() {
    takesSeveralKernels = true;
    return kernel != null && kernel.contains(",") ? kernels(kernel) : List.of();
  }

  private record Fact(String key, String value) {}

  private List<Fact> facts() {
    boolean isSeveral = kernel != null && kernel.contains(",");
    if (isSeveral && !takesSeveralKernels) {
      throw new UsageException(
          "--kernel %s names several kernels, which only 'explain' and 'run' compare; name one"
              .formatted(kernel));
    }
    Stream<String> last = kernel == null || isSeveral ? Stream.of() : Stream.of("kernel=" + kernel);
    return Stream.concat(facts.stream(), last).map(MachineOption::fact).toList();
  }

  private static Fact fact(String written) {
    int equals = written.indexOf('=');
    if (equals < 0) {
      throw new UsageException(
          "--set %s: write KEY=VALUE, such as phys-bits=40".formatted(written));
    }
    return new Fact(written.substring(0, equals), written.substring(equals + 1));
  }

  /** A machine whose bytes are simulated, whatever it was read from. */
  Machine simulated() {
    return simulated(Machine.builder(describe()));
  }

  private static Machine simulated(MachineBuilder builder) {
    try {
      return builder.build();
    } catch (MemremapException e) {
      // the machine has not answered: its memory has no place to lie
      throw new UncheckedIOException(
          "the machine cannot be made: " + e.sentence(), new IOException(e));
    }
  }

  /**
   * A machine with the bytes that are meant: the host's own, or simulated ones.
   *
   * @param permissions which unsafe things may be done on the host
   * @throws UsageException if a permission would have no effect
   */
  Machine withBytes(HostPermissions permissions) {
    return built(builder(permissions));
  }

  /**
   * This machine, following another kernel.
   *
   * @param rows the rows of {@code docs/kernels.md} that it has in place of the kernel's
   */
  Machine withBytes(HostPermissions permissions, String release, Set<KernelRow> rows) {
    return built(builder(permissions).kernel(release).kernelRows(rows));
  }

  private MachineBuilder builder(HostPermissions permissions) {
    if (!isHost()) {
      permissions.requireEffectOnSimulated();
      return Machine.builder(describe());
    }
    requireNoFiles(OWN_TABLES);
    MachineBuilder builder = Machine.hostBuilder(permissions.granted());
    facts().forEach(fact -> builder.with(fact.key, fact.value));
    return builder;
  }

  private Machine built(MachineBuilder builder) {
    return isHost() ? builder.build() : simulated(builder);
  }
}
