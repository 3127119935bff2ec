// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import dev.memremap.machine.MachineDescription;
import dev.memremap.rule.Fact;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a machine from what people have: a machine file, a copy of {@code /proc/iomem} strict or as
 * it was pasted, a kernel's log, {@code lsmem}; packed by gzip or xz; alone, in a folder or in a
 * tar archive with the files that state facts beside it.
 *
 * <p>Thread safety: for one thread.
 */
public final class MachineReader {
  private static final Pattern VERSION =
      Pattern.compile("Linux version ([0-9]{1,4}\\.[0-9]{1,4}[^ \\n]{0,80})");
  private static final Pattern ADDRESS_SIZES =
      Pattern.compile("address sizes[ \\t]*: *([0-9]{1,4}) bits physical");
  private static final String BAR = "bar";
  private static final String KERNEL = "kernel";

  private final Path map;
  private final Map<FactFile, Path> beside = new EnumMap<>(FactFile.class);
  private final Remarks remarks = new Remarks();
  private final List<FileFact> facts = new ArrayList<>();

  private MachineReader(Path map) {
    this.map = map;
  }

  /**
   * A reader of a file, a folder or an archive.
   *
   * @param map what says what lies where; {@code -} is standard input
   */
  public static MachineReader of(Path map) {
    return new MachineReader(map);
  }

  /**
   * Adds a file that states facts; it wins over one of its kind that lies beside the map.
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
   * @throws IllegalArgumentException if a file is not what it is taken for; the sentence names file
   *     and line
   * @throws java.io.UncheckedIOException if a file cannot be read
   */
  public Reading read() {
    ReportFiles files = ReportFiles.of(map);
    Map<FactFile, FileText> texts = files.facts();
    beside.forEach((kind, path) -> texts.put(kind, required(kind, path)));
    FileText listed = files.map();
    MachineDescription machine = MapFile.read(listed, remarks);
    for (FactFile kind : List.of(FactFile.CPUINFO, FactFile.MTRR, FactFile.PAT)) {
      FileText text = texts.get(kind);
      if (text != null) {
        machine = withTable(machine, kind, text, texts.get(FactFile.CPUINFO));
      }
    }
    FileText lspci = texts.get(FactFile.LSPCI);
    if (lspci != null) {
      machine = withBars(machine, lspci, listed.name());
    }
    FileText log = texts.get(FactFile.DMESG);
    if (log != null) {
      machine = withLog(machine, log, listed);
    }
    return new Reading(machine, remarks.all(), facts);
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
    List<LspciList.Bar> bars = LspciList.bars(file);
    MachineDescription with = machine;
    for (LspciList.Bar bar : bars) {
      facts.add(new FileFact(BAR, bar.value(), file.name()));
      with = withKnown(with, BAR, bar.value(), file);
    }
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
      facts.add(new FileFact(KERNEL, last, log.name()));
      with = withKnown(with, KERNEL, last, log);
    }
    if (!log.equals(listed)) {
      E820Log.in(log)
          .flatMap(firmware -> Disagreement.ofRam(firmware.memory(), machine.root(), listed.name()))
          .ifPresent(sentence -> remarks.doubt(log.name(), sentence));
    }
    return with;
  }

  /** With a fact whose key machine files have; one whose value they refuse is in doubt. */
  private MachineDescription withKnown(
      MachineDescription machine, String key, String value, FileText file) {
    if (!MachineDescription.keys().contains(key)) {
      return machine;
    }
    try {
      return machine.with(key, value, new MachineDescription.Origin(Fact.Source.READ, file.name()));
    } catch (IllegalArgumentException e) {
      remarks.doubt(file.name(), "left out: " + e.getMessage());
      return machine;
    }
  }
}
