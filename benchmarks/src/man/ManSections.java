// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Adds to each manual page that picocli has written what it cannot know: examples, files,
 * environment, and other pages. {@code mvn -Pman} runs it.
 */
final class ManSections {
  private static final String MAP = "-m examples/machines/qemu-2g.iomem";

  /** How the test of the documents is to take a line; CONTRIBUTING.md lists the marks. */
  private static final String RUN = "run";

  private static final String GUEST = "guest: DocumentsGuestTest";

  /**
   * Command lines below one mark.
   *
   * @param mark what the test of the documents does with them
   * @param lines the command lines
   */
  private record Example(String mark, List<String> lines) {
    /** The mark as a comment of the manual page, which only its source shows. */
    String comment() {
      return "++++\n.\\\" " + mark + "\n++++\n";
    }

    /** The comment and a block. */
    String text() {
      return comment() + "\n....\n" + String.join("\n", lines) + "\n....\n";
    }
  }

  private static final Map<String, List<Example>> EXAMPLES = new LinkedHashMap<>();

  static {
    examples(
        "memremap",
        run("memremap explain 0x40000000 4K WB " + MAP),
        guest("memremap what 0xfd000000", "sudo memremap record this.iomem"));
    examples(
        "memremap-run",
        run("memremap run --explain examples/first-map.scenario", "memremap run --check examples"));
    examples(
        "memremap-iomem",
        run(
            "memremap iomem --at 0xfd000000 " + MAP,
            "memremap iomem -o START,SIZE,NAME --kind system-ram " + MAP,
            "memremap iomem --map " + MAP),
        refused(
            "memremap iomem --diff examples/machines/qemu-2g.iomem"
                + " examples/machines/qemu-3g.iomem"));
    examples(
        "memremap-what",
        run("memremap what pfn:0x40000 " + MAP),
        guest("sudo memremap what 0000:03:00.0/0+0x10"));
    examples("memremap-devices", guest("memremap devices", "memremap devices --json"));
    examples(
        "memremap-explain",
        run("memremap explain 0xfd000000+1M UC- " + MAP),
        refused("memremap explain 0x3ffff000 8K WB " + MAP));
    examples(
        "memremap-pages",
        run("memremap pages examples/teardown-in-order.scenario", "memremap pages " + MAP));
    examples(
        "memremap-plan",
        run(
            "memremap plan 1T --type FS_DAX --altmap",
            "memremap plan 0x40000000+256M --type GENERIC " + MAP,
            "memremap plan 1G --namespace fsdax"));
    examples("memremap-rule", run("memremap rule MR-3", "memremap rule MR --json"));
    examples(
        "memremap-record",
        guest("sudo memremap record this.iomem", "memremap record --anonymous -m this.iomem -"));
    examples(
        "memremap-read",
        run("memremap read 0x40000000 -n 16 " + MAP),
        guest(
            "sudo memremap read 0000:03:00.0/0+0x10 --ioremap",
            "sudo memremap read 0000:03:00.0/2 -n 1K -o bytes"));
    examples(
        "memremap-write",
        run("memremap write 0x40000000 1 2 3 --verify " + MAP),
        guest("sudo memremap write 0000:03:00.0/0+0x10 0x1 --ioremap"));
    examples(
        "memremap-serve",
        other(
            "not run: a server runs until it is interrupted; ServeBrowserTest looks at its pages",
            "memremap serve " + MAP,
            "memremap serve examples/teardown-in-order.scenario",
            "memremap serve --attach PID"));
    examples(
        "memremap-pager",
        run("memremap pager status"),
        other(
            "not run: they need a program with a remote memory; PagerCommandTest has one",
            "memremap pager preload PID 0x0+64M",
            "memremap pager flush PID",
            "sudo memremap pager adopt PID",
            "memremap pager copy /srv/pages 'valkey://node1,node2?prefix=pages&password-file=/run/secrets/valkey'"));
    examples(
        "memremap-conformance",
        other(
            "not run: it boots guests; ConformanceCommandTest does so",
            "memremap conformance --seed 7 --scenarios 50",
            "memremap conformance --kernel 6.12 my.scenario"));
    examples("memremap-doctor", guest("memremap doctor", "sudo memremap doctor --json"));
    examples("memremap-generate-completion", run("source <(memremap generate-completion)"));
    examples("memremap-help", run("memremap help plan"));
    examples(
        "memremap-dev",
        other("not run: it runs for minutes; .ci/run does so", "memremap-dev bench --quick"));
    examples(
        "memremap-dev-bench",
        other(
            "not run: it runs for minutes; BenchCommandTest reads its words",
            "memremap-dev bench --quick --only reference",
            "memremap-dev bench --against HEAD~1"));
    examples(
        "memremap-dev-generate-completion",
        other(
            "not run: memremap-dev is not there when this is tested",
            "source <(memremap-dev generate-completion)"));
    examples(
        "memremap-dev-help",
        other("not run: memremap-dev is not there when this is tested", "memremap-dev help bench"));
  }

  /** Files that commands read or write, and variables that they ask for. */
  private enum Entry {
    TABLES(
        "/proc/iomem, /proc/cpuinfo, /proc/mtrr, /sys/kernel/debug/x86/pat_memtype_list",
        "What lies where on this computer, how wide its addresses are, and its memory types; root alone reads"
            + " them whole."),
    DEVICES(
        "/sys/bus/pci/devices, /sys/bus/dax/devices, /sys/bus/nd/devices, /sys/class/uio, /dev/mem",
        "Devices with memory, and the ways to it."),
    LIMITS(
        "/proc/sys/vm, /proc/self/status, /sys/kernel/security/lockdown",
        "How many mappings and huge pages there may be, and what this process may do."),
    MEMORIES(
        "/proc/PID/fd",
        "Files without a name that programs with a remote memory have open: remote-memory is the memory, and"
            + " remote-pages the state of its pages."),
    MAPS("*.iomem", "Machine files, as memremap-record writes them."),
    SCENARIOS(
        "*.scenario, *.answers", "Scenarios, and what a kernel answered, beside them."),
    MEMORY(
        "/dev/shm",
        "Where simulated memory lies if 1 GiB is free there, else in the temp directory;"
            + " -Ddev.memremap.dir=DIR in JDK_JAVA_OPTIONS names another."),
    KERNELS("~/.cache/memremap/kernels", "Kernels for guests, as they were fetched."),
    DIFFERENCES("conformance-differences", "Where memremap-conformance saves what differs."),
    DOCUMENTS(
        "docs, examples",
        "Documents and examples that pages and answers name: in a clone, and in /usr/share/doc/memremap where"
            + " the package is installed, or share/doc/memremap of what was unpacked."),
    MEASURED("bench.json", "What a run measured, which --from reads."),
    TABLE("docs/performance.md", "The whole table that is kept."),

    COLUMNS("COLUMNS", "How wide a line may be, whatever the terminal's width is."),
    COLOURS(
        "NO_COLOR, TERM",
        "No colours where the first is set, or the second is dumb or missing; --color wins."),
    LOCALE(
        "LC_ALL, LC_CTYPE, LANG",
        "The first that is set says the locale; in C and POSIX, and without one, all that is printed is"
            + " ASCII."),
    JDK(
        "JAVA_HOME, JDK_JAVA_OPTIONS",
        "The JDK that is used, if it is new enough, and options of its JVM, such as -Xmx4g."),
    CACHE("XDG_CACHE_HOME", "What stands in the place of ~/.cache."),
    GUESTS(
        "MEMREMAP_GUEST_KERNEL, MEMREMAP_GUEST_PATIENCE",
        "An unpacked kernel that guests run in the place of a fetched one, and a number that multiplies all"
            + " limits of time.");

    private final String name;
    private final String what;

    Entry(String name, String what) {
      this.name = name;
      this.what = what;
    }

    @Override
    public String toString() {
      return name + "::\n  " + what + "\n";
    }
  }

  /** The files of each page; a page that is not here reads none. */
  private static final Map<String, List<Entry>> FILES =
      Map.ofEntries(
          Map.entry(
              "memremap",
              List.of(
                  Entry.TABLES,
                  Entry.DEVICES,
                  Entry.MAPS,
                  Entry.SCENARIOS,
                  Entry.MEMORY,
                  Entry.MEMORIES,
                  Entry.KERNELS,
                  Entry.DIFFERENCES,
                  Entry.DOCUMENTS)),
          Map.entry("memremap-rule", List.of(Entry.DOCUMENTS)),
          // a scenario may name this computer as its machine
          Map.entry(
              "memremap-run",
              List.of(
                  Entry.SCENARIOS,
                  Entry.MAPS,
                  Entry.MEMORY,
                  Entry.TABLES,
                  Entry.DEVICES,
                  Entry.DOCUMENTS)),
          Map.entry("memremap-iomem", List.of(Entry.TABLES, Entry.DEVICES, Entry.MAPS)),
          Map.entry("memremap-what", List.of(Entry.TABLES, Entry.DEVICES, Entry.MAPS)),
          Map.entry("memremap-devices", List.of(Entry.DEVICES)),
          Map.entry(
              "memremap-explain",
              List.of(Entry.TABLES, Entry.DEVICES, Entry.MAPS, Entry.DOCUMENTS)),
          Map.entry(
              "memremap-pages",
              List.of(
                  Entry.SCENARIOS, Entry.TABLES, Entry.MAPS, Entry.MEMORY, Entry.DEVICES)),
          Map.entry("memremap-plan", List.of(Entry.TABLES, Entry.MAPS)),
          Map.entry("memremap-record", List.of(Entry.TABLES, Entry.DEVICES, Entry.MAPS)),
          Map.entry(
              "memremap-read", List.of(Entry.TABLES, Entry.DEVICES, Entry.MAPS, Entry.MEMORY)),
          Map.entry(
              "memremap-write", List.of(Entry.TABLES, Entry.DEVICES, Entry.MAPS, Entry.MEMORY)),
          Map.entry(
              "memremap-serve",
              List.of(
                  Entry.SCENARIOS, Entry.TABLES, Entry.DEVICES, Entry.MAPS, Entry.MEMORY)),
          Map.entry("memremap-pager", List.of(Entry.MEMORIES)),
          Map.entry(
              "memremap-conformance",
              List.of(
                  Entry.SCENARIOS, Entry.MAPS, Entry.MEMORY, Entry.KERNELS, Entry.DIFFERENCES)),
          Map.entry(
              "memremap-doctor",
              List.of(Entry.TABLES, Entry.DEVICES, Entry.LIMITS, Entry.MEMORY, Entry.KERNELS)),
          Map.entry("memremap-dev", List.of(Entry.MEASURED, Entry.TABLE)),
          Map.entry("memremap-dev-bench", List.of(Entry.MEASURED, Entry.TABLE)));

  private static List<Entry> environment(String page) {
    List<Entry> variables = new ArrayList<>();
    if (page.equals("memremap") || page.equals("memremap-iomem")) {
      variables.add(Entry.COLUMNS);
    }
    variables.addAll(List.of(Entry.COLOURS, Entry.LOCALE, Entry.JDK));
    boolean boots =
        List.of("memremap", "memremap-conformance", "memremap-doctor").contains(page);
    if (boots) {
      variables.add(Entry.GUESTS);
    }
    if (boots || page.startsWith("memremap-dev-bench")) {
      variables.add(Entry.CACHE);
    }
    return variables;
  }

  /** The pages of section 5, each from a page of docs. */
  private static final List<ManMarkdown> FORMATS =
      List.of(
          new ManMarkdown(
              "memremap-scenario",
              "the language of scenarios",
              Path.of("docs/scenario-language.md")),
          new ManMarkdown(
              "memremap-machine", "the form of machine files", Path.of("docs/machine-file.md")));

  private ManSections() {}

  private static void examples(String page, Example... examples) {
    EXAMPLES.put(page, List.of(examples));
  }

  private static Example run(String... lines) {
    return other(RUN, lines);
  }

  private static Example guest(String... lines) {
    return other(GUEST, lines);
  }

  /** An answer of no. */
  private static Example refused(String line) {
    return other(RUN + ", exit status 1", line);
  }

  private static Example other(String mark, String... lines) {
    return new Example(mark, List.of(lines));
  }

  /**
   * Adds the sections to the pages of a folder, and writes those of section 5.
   *
   * @param arguments the folder, and the project's
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    Path project = Path.of(arguments[1]);
    TreeSet<String> pages = new TreeSet<>();
    try (Stream<Path> files = Files.list(folder)) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".adoc"))
          .forEach(name -> pages.add(name.substring(0, name.length() - ".adoc".length())));
    }
    if (!pages.equals(EXAMPLES.keySet())) {
      throw new IllegalStateException("pages " + pages + ", and examples for " + EXAMPLES.keySet());
    }
    for (String page : pages) {
      Path file = folder.resolve(page + ".adoc");
      // Asciidoctor would make arrows and dashes of these
      String text =
          Files.readString(file)
              .replace("-->", "-\\->")
              // no version: it has the commit, and a page would change with each
              .replaceFirst("(?m)^:mansource: ([\\w-]+)\\b.*$", ":mansource: $1")
              .replaceFirst("(?m)^== +Exit status:$", "== Exit status")
              // picocli's own example has the mark of ours
              .replaceFirst(
                  "(?m)^  source <",
                  Matcher.quoteReplacement(EXAMPLES.get(page).getFirst().comment()) + "\n$0");
      Files.writeString(file, text + sections(page, pages));
    }
    for (ManMarkdown format : FORMATS) {
      String others =
          Stream.concat(
                  FORMATS.stream().filter(other -> other != format).map(ManSections::reference),
                  Stream.of("*memremap*(1)", "*memremap-run*(1)", "*memremap-record*(1)"))
              .collect(Collectors.joining(", "));
      ManMarkdown placed =
          new ManMarkdown(format.name(), format.says(), project.resolve(format.markdown()));
      Files.writeString(
          folder.resolve(format.name() + ".adoc"),
          placed.text() + "\n== See also\n\n" + others + "\n");
    }
  }

  private static String sections(String page, TreeSet<String> pages) {
    boolean isDev = isOfDev(page);
    String others =
        Stream.concat(
                pages.stream()
                    .filter(other -> !other.equals(page))
                    .filter(other -> isOfDev(other) == isDev || other.equals("memremap"))
                    .map(other -> "*" + other + "*(1)"),
                isDev ? Stream.of() : FORMATS.stream().map(ManSections::reference))
            .collect(Collectors.joining(", "));
    String examples =
        EXAMPLES.get(page).stream().map(Example::text).collect(Collectors.joining("\n"));
    return section("Examples", examples)
        + section("Files", listed(FILES.getOrDefault(page, List.of())))
        + section("Environment", listed(environment(page)))
        + section("See also", others + "\n");
  }

  private static String listed(List<Entry> entries) {
    return entries.stream().map(Entry::toString).collect(Collectors.joining());
  }

  /** A section of a page; nothing without a text. */
  private static String section(String title, String text) {
    return text.isEmpty() ? "" : "\n== %s\n\n%s".formatted(title, text);
  }

  private static String reference(ManMarkdown format) {
    return "*" + format.name() + "*(5)";
  }

  /** Whether a page is of memremap-dev: memremap-devices is not. */
  private static boolean isOfDev(String page) {
    return page.equals("memremap-dev") || page.startsWith("memremap-dev-");
  }
}
