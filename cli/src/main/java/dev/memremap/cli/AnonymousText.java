// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.machine.MachineDescription;
import dev.memremap.machine.MachineDescription.Bar;
import dev.memremap.machine.MachineDescription.Origin;
import dev.memremap.resource.ResourceKind;
import dev.memremap.rule.Fact;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A machine file's text without what tells whose machine it is.
 *
 * <ul>
 *   <li>Names that Linux itself gives stay, and so do the identifiers of kinds of devices, such as
 *       {@code MSFT0101:00}. Any other name, such as a driver's, a GUID or a serial number, becomes
 *       {@code name1}, {@code name2} and so on, the same word wherever it stands. Of a name that
 *       begins with Linux's words, the rest is replaced: {@code System RAM (name1)}. A name's kind
 *       stays what it was.
 *   <li>Of a kernel's release its numbers stay.
 *   <li>Where facts were read is told by the kind of file, {@code from lspci}: without the names of
 *       files, and without the lines that were skipped in them.
 * </ul>
 *
 * <p>Thread safety: for one thread.
 */
final class AnonymousText {
  private static final String SEPARATOR = " : ";
  private static final String NO_NAME = "<BAD>";

  /** The numbers of a kernel's release, and the name of its build. */
  private static final Pattern BUILD_NAME = Pattern.compile("([0-9]+(?:\\.[0-9]+)*).*");

  /** What Linux calls the files and commands that state facts, on any computer. */
  private static final Set<String> SOURCES =
      Set.of(
          "uname -m",
          "uname -r",
          "/proc/self/auxv",
          "/proc/cpuinfo",
          "/proc/mtrr",
          "pat_memtype_list",
          "/sys/bus/pci/devices",
          "lspci",
          "dmesg",
          "a file");

  /** What follows a file's name: which of its lines were skipped, or what it does not tell. */
  private static final Pattern NOTES =
      Pattern.compile(
          " \\(skipped: .*| without the default type(?: \\(assumed to be write-back\\))?$",
          Pattern.DOTALL);

  /** The names of a kind that end as someone else likes: the groups are what is not Linux's. */
  private static final Map<ResourceKind, List<Pattern>> OPEN =
      Map.of(
          ResourceKind.SYSTEM_RAM,
          patterns("System RAM \\((?!(?:kmem|virtio_mem)\\)$)(.+)\\)"),
          ResourceKind.CXL_WINDOW,
          patterns("CXL Window ?+(?![0-9]+$)(.+)"),
          ResourceKind.PCI_ECAM,
          patterns("PCI (?:ECAM|MMCONFIG) (?![0-9a-f]{4,} \\[bus [0-9a-f]{2}-[0-9a-f]{2}\\]$)(.+)"),
          ResourceKind.VMEMMAP,
          patterns("Device Backed Vmemmap ?+(.+)"),
          ResourceKind.APEI,
          patterns("APEI (?!(?:ERST|EINJ|BERT)$)(.+)"),
          ResourceKind.DRIVER_REGION,
          patterns(
              "[A-Z][0-9A-Z]{6,7}:[0-9a-f]{2,} (.+)", "[0-9a-f]+\\.([0-9a-zA-Z,_-]+)(?: (.+))?"));

  /** Kinds whose names consist of numbers and of identifiers that many machines have. */
  private static final Set<ResourceKind> NUMBERED =
      Set.of(ResourceKind.ACPI_DEVICE, ResourceKind.PNP_DEVICE, ResourceKind.PCI_DEVICE);

  /** Until each fact's own is put in its place. */
  private static final Origin UNNAMED = new Origin(Fact.Source.RECORDED, "");

  private final Map<String, String> names = new HashMap<>();

  private AnonymousText() {}

  /** A machine as a machine file; read again it has the same facts, ranges and kinds. */
  static String of(MachineDescription machine) {
    AnonymousText anonymous = new AnonymousText();
    MachineDescription unnamed = anonymous.withoutNames(machine);
    String text =
        unnamed.toText().lines().map(anonymous::line).collect(Collectors.joining("\n", "", "\n"));
    String architecture = machine.architecture().id();
    boolean isTold = MachineDescription.parse(text).architecture().id().equals(architecture);
    // the names that told it are gone
    return isTold ? text : "# arch=" + architecture + "\n" + text;
  }

  /** The machine with all but the names in its tree replaced. */
  private MachineDescription withoutNames(MachineDescription machine) {
    Map<Fact, Origin> origins = new EnumMap<>(Fact.class);
    machine
        .origins()
        .forEach(
            (fact, origin) -> origins.put(fact, new Origin(origin.source(), from(fact, origin))));
    List<Bar> bars = machine.bars().stream().map(this::bar).toList();
    MachineDescription unnamed = machine.withBars(bars, UNNAMED);
    String kernel = machine.kernel();
    if (kernel != null) {
      unnamed = unnamed.with("kernel", BUILD_NAME.matcher(kernel).replaceFirst("$1"));
    }
    return unnamed.withOrigins(origins);
  }

  private static String from(Fact fact, Origin origin) {
    String file = NOTES.matcher(origin.from()).replaceAll("");
    if (SOURCES.contains(file)) {
      return file;
    }
    return switch (fact) {
      case BARS, DRIVERS -> "lspci";
      case KERNEL -> "dmesg";
      default -> "a file";
    };
  }

  private Bar bar(Bar bar) {
    String driver = bar.driver();
    return new Bar(
        name(bar.device()),
        bar.index(),
        bar.range(),
        bar.prefetchable(),
        driver == null ? null : word(driver));
  }

  private String line(String line) {
    int separator = line.indexOf(SEPARATOR);
    if (line.startsWith("#") || separator < 0) {
      return line;
    }
    int begin = separator + SEPARATOR.length();
    return line.substring(0, begin) + name(line.substring(begin));
  }

  private String name(String name) {
    ResourceKind kind = ResourceKind.of(name);
    if (kind == ResourceKind.OTHER) {
      return name.equals(NO_NAME) ? name : word(name);
    }
    for (Pattern open : OPEN.getOrDefault(kind, List.of())) {
      Matcher matcher = open.matcher(name);
      if (matcher.matches()) {
        return replaced(name, matcher);
      }
    }
    return name;
  }

  /** A name with each group that matched replaced. */
  private String replaced(String name, Matcher open) {
    StringBuilder text = new StringBuilder();
    int end = 0;
    for (int group = 1; group <= open.groupCount() && open.start(group) >= 0; group++) {
      String part = open.group(group);
      boolean isNumbered = NUMBERED.contains(ResourceKind.of(part));
      text.append(name, end, open.start(group)).append(isNumbered ? part : word(part));
      end = open.end(group);
    }
    return text.append(name, end, name.length()).toString();
  }

  private String word(String name) {
    return names.computeIfAbsent(name, own -> "name" + (names.size() + 1));
  }

  private static List<Pattern> patterns(String... patterns) {
    return Stream.of(patterns).map(Pattern::compile).toList();
  }
}
