// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import dev.memremap.machine.MachineDescription;
import dev.memremap.machine.MachineDescription.Bar;
import dev.memremap.rule.Fact;
import dev.memremap.rule.PlainText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a machine from what a customer can send: a machine file, a copy of {@code /proc/iomem}
 * strict or as it was pasted, a kernel's log, or {@code lsmem}. The file may be packed by gzip or
 * xz, and may lie in a folder or a tar archive with other files that state facts.
 *
 * <p>Thread safety: for one thread.
 */
public final class MachineReader {
  private static final Pattern VERSION =
      Pattern.compile("Linux version ([0-9]{1,4}\\.[0-9]{1,4}[!-~]{0,80})");
  private static final Pattern ADDRESS_SIZES =
      Pattern.compile("address sizes[ \\t]*: *([0-9]{1,4}) bits physical");
  private static final String KERNEL = "kernel";

  private final Path map;
  private final Map<FactFile, Path> beside = new EnumMap<>(FactFile.class);
  private final Remarks remarks = new Remarks();
  private final List<FileFact> facts = new ArrayList<>();

  private MachineReader(Path map) {
    this.map = map;
  }

  /**
   * Makes a reader of a file, a folder or an archive.
   *
   * @param map the memory map: a file, a folder or an archive; {@code -} is standard input
   */
  public static MachineReader of(Path map) {
    return new MachineReader(map);
  }

  /**
   * Adds a file that states facts; it overrides one of its kind that lies beside the map.
   *
   * @return this reader
   */
  public MachineReader beside(FactFile kind, Path file) {
    beside.put(kind, file);
    return this;
  }

  /**
   * Reads all files.
   *
   * @throws IllegalArgumentException if a file is malformed; the message names file and line
   * @throws java.io.UncheckedIOException if a file cannot be read
   */
  public Reading read() {
    ReportFiles files = ReportFiles.of(map, remarks);
    Map<FactFile, FileText> texts = files.facts();
    beside.forEach((kind, path) -> texts.put(kind, required(kind, path)));
    FileText listed = files.map();
    MachineDescription machine = MapFile.read(listed, remarks);
    boolean isLog = remarks.all().stream().anyMatch(each -> each.kind() == Remark.Kind.LIST);
    for (FactFile kind : List.of(FactFile.CPUINFO, FactFile.MTRR, FactFile.PAT)) {
      FileText text = texts.get(kind);
      if (text != null) {
        FileText cpuinfo = texts.get(FactFile.CPUINFO);
        machine = orWithout(machine, kind, text, with -> withTable(with, kind, text, cpuinfo));
      }
    }
    FileText lspci = texts.get(FactFile.LSPCI);
    if (lspci != null) {
      machine =
          orWithout(machine, FactFile.LSPCI, lspci, with -> withBars(with, lspci, listed.name()));
    }
    FileText log = texts.getOrDefault(FactFile.DMESG, isLog ? listed : null);
    if (log != null) {
      machine = withLog(machine, log, listed);
    }
    return new Reading(machine, remarks.all(), facts);
  }

  /** A file that was named must be right; one that was only found beside a map may be left out. */
  private MachineDescription orWithout(
      MachineDescription machine,
      FactFile kind,
      FileText file,
      UnaryOperator<MachineDescription> reading) {
    try {
      return reading.apply(machine);
    } catch (IllegalArgumentException e) {
      if (beside.containsKey(kind)) {
        throw e;
      }
      remarks.doubt(file.name(), "left out: " + withoutName(file, e));
      return machine;
    }
  }

  /** A message about a file whose name is shown before it. */
  private static String withoutName(FileText file, IllegalArgumentException e) {
    String sentence = PlainText.of(String.valueOf(e.getMessage()));
    String name = file.name() + ":";
    return sentence.startsWith(name)
        ? (sentence.startsWith(name + " ") ? "" : "line ")
            + sentence.substring(name.length()).strip()
        : sentence;
  }

  private static FileText required(FactFile kind, Path path) {
    FileText text = PackedFile.text(path);
    // a kernel whose MTRRs are off has an empty list of them
    boolean isEmptyList = kind == FactFile.MTRR && text.text().isBlank();
    if (!isEmptyList && !kind.isIn(text.text())) {
      throw new IllegalArgumentException(
          "%s %s: it holds nothing of the kind; give a copy of %s"
              .formatted(
                  kind.option(),
                  text.name(),
                  kind.path().isEmpty() ? "what the command prints" : "/" + kind.path()));
    }
    return text;
  }

  /** What a table of Linux states, and which keys it changed. */
  private MachineDescription withTable(
      MachineDescription machine, FactFile kind, FileText file, @Nullable FileText cpuinfo) {
    String plain = TableText.of(kind, file.text());
    Map<String, String> tables = new HashMap<>();
    if (cpuinfo != null) {
      // what a processor's registers mean depends on its maker
      tables.put(FactFile.CPUINFO.path(), TableText.of(FactFile.CPUINFO, cpuinfo.text()));
    }
    tables.put(kind.path(), plain);
    MachineDescription with;
    try {
      with = machine.withTables(path -> Optional.ofNullable(tables.get(path)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file.name() + ": " + e.getMessage(), e);
    }
    Matcher sizes = ADDRESS_SIZES.matcher(plain);
    if (kind == FactFile.CPUINFO && sizes.find()) {
      facts.add(new FileFact("phys-bits", sizes.group(1), file.name()));
    }
    Map<String, String> before = HeadKeys.of(machine);
    HeadKeys.of(with)
        .forEach(
            (key, value) -> {
              if (!value.equals(before.get(key)) && !key.equals("phys-bits")) {
                facts.add(new FileFact(key, value, file.name()));
              }
            });
    return with;
  }

  private MachineDescription withBars(MachineDescription machine, FileText file, String mapName) {
    List<Bar> bars = LspciList.bars(file);
    LspciBars known = LspciBars.of(file.name(), bars, machine);
    known.taken().forEach(bar -> facts.add(new FileFact("bar", bar.toString(), file.name())));
    known.remark(remarks);
    MachineDescription with = known.addedTo(machine);
    if (with.root().children().stream().anyMatch(HeadKeys::leadsToDevices)) {
      Disagreement.ofBars(bars, with.root(), mapName)
          .ifPresent(sentence -> remarks.doubt(file.name(), sentence));
    }
    return with;
  }

  private MachineDescription withLog(MachineDescription machine, FileText log, FileText listed) {
    MachineDescription with = machine;
    Matcher version = VERSION.matcher(log.text());
    String last = null;
    while (version.find()) {
      last = version.group(1);
    }
    if (last != null) {
      with = withKernel(with, last, log);
    }
    if (!log.equals(listed)) {
      compare(log, machine, listed);
    }
    return with;
  }

  /** Says where a log's map and the machine's differ, if the log has a map. */
  private void compare(FileText log, MachineDescription machine, FileText listed) {
    try {
      E820Log.in(log)
          .flatMap(firmware -> Disagreement.ofRam(firmware.memory(), machine.root(), listed.name()))
          .ifPresent(sentence -> remarks.doubt(log.name(), sentence));
    } catch (IllegalArgumentException e) {
      remarks.doubt(
          log.name(),
          "its map was not compared with %s: %s".formatted(listed.name(), withoutName(log, e)));
    }
  }

  /** With the kernel's release; one that a machine cannot have is in doubt. */
  private MachineDescription withKernel(MachineDescription machine, String release, FileText file) {
    try {
      MachineDescription with =
          machine.with(
              KERNEL, release, new MachineDescription.Origin(Fact.Source.READ, file.name()));
      facts.add(new FileFact(KERNEL, release, file.name()));
      return with;
    } catch (IllegalArgumentException e) {
      remarks.doubt(file.name(), "left out: " + e.getMessage());
      return machine;
    }
  }
}
