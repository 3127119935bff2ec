// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The pages of {@code docs/man}, which {@code mvn -Pman} writes from the commands. */
public final class ManPages {
  private static final Path FOLDER = Path.of("..", "docs", "man");

  private ManPages() {}

  /**
   * Fails unless a command's page names each subcommand and what it does, and each page says all
   * that help says.
   */
  public static void check(CommandLine command) throws IOException {
    String name = command.getCommandName();
    String page = page(name);
    for (CommandLine subcommand : command.getSubcommands().values()) {
      assertThat(page).as(name).contains("\\fB" + subcommand.getCommandName() + "\\fP");
      UsageMessageSpec usage = subcommand.getCommandSpec().usageMessage();
      if (usage.header().length == 0) {
        assertThat(page).as(name).contains("\n" + usage.description()[0] + "\n");
      }
      check(name + "-" + subcommand.getCommandName(), subcommand);
    }
    check(name, command);
  }

  /** Fails unless a page has each section, and every word of what is described. */
  private static void check(String name, CommandLine command) throws IOException {
    String page = page(name);
    String words = words(page);
    for (String section : List.of("EXAMPLES", "ENVIRONMENT", "SEE ALSO")) {
      assertThat(section(page, section)).as("%s of %s", section, name).isNotEmpty();
    }
    checkFiles(name, command, section(page, "FILES"), section(page, "ENVIRONMENT"));
    UsageMessageSpec usage = command.getCommandSpec().usageMessage();
    boolean isOurs = command.getCommand().getClass().getName().startsWith("dev.memremap.");
    // the words of picocli's own commands have markup
    for (String sentence : isOurs ? usage.description() : new String[0]) {
      assertThat(words).as(name).contains(words(sentence));
    }
    for (ArgSpec each : command.getCommandSpec().args()) {
      // what stands for a value is another word there
      for (String part : String.join("", each.description()).split("\\$\\{[^}]*}", -1)) {
        assertThat(words).as(name).contains(words(part));
      }
      if (each instanceof OptionSpec option) {
        assertThat(page).as(name).contains(option.longestName());
      }
    }
    assertThat(page.contains("\n.SH \"EXIT STATUS\"\n"))
        .as("whether %s says its exit status", name)
        .isEqualTo(!usage.exitCodeList().isEmpty());
    usage
        .exitCodeList()
        .forEach((number, text) -> assertThat(words).as(name).contains(words(number + text)));
  }

  /**
   * Fails unless a page lists what its command reads, and no more: this computer's tables where it
   * takes a machine, and what belongs to one command alone. The page of a whole command lists all.
   */
  private static void checkFiles(
      String name, CommandLine command, String files, String environment) {
    if (!name.contains("-") || name.equals("memremap-dev")) {
      assertThat(files).as(name).isNotEmpty();
      return;
    }
    String word = name.substring(name.lastIndexOf('-') + 1);
    boolean isOurs = command.getCommand().getClass().getName().startsWith("dev.memremap.");
    boolean readsFiles = isOurs && !word.equals("completion");
    assertThat(files.isEmpty()).as("whether %s has no files", name).isEqualTo(!readsFiles);
    boolean takesMachine = command.getCommandSpec().findOption("--machine") != null;
    // a scenario of run may name this computer as its machine
    boolean readsHost = takesMachine || List.of("doctor", "run").contains(word);
    listed(name, files, "/proc/iomem", readsHost);
    boolean takesScenarios = List.of("run", "pages", "serve", "conformance").contains(word);
    listed(name, files, "*.scenario", takesScenarios);
    listed(name, files, "*.iomem", takesMachine || takesScenarios);
    boolean boots = List.of("conformance", "doctor").contains(word);
    listed(name, files, "~/.cache/memremap/kernels", boots);
    listed(name, files, "conformance-differences", word.equals("conformance"));
    listed(name, files, "bench.json", word.equals("bench"));
    // their help or their answers name documents
    listed(name, files, "docs, examples", List.of("run", "explain", "rule").contains(word));
    listed(name, environment, "MEMREMAP_GUEST_KERNEL", boots);
    listed(name, environment, "COLUMNS", word.equals("iomem"));
    listed(name, environment, "NO_COLOR", true);
  }

  private static void listed(String page, String section, String what, boolean isListed) {
    assertThat(section.contains(what))
        .as("whether %s lists %s: %s", page, what, section)
        .isEqualTo(isListed);
  }

  /** The text of a section; empty if there is none. */
  private static String section(String page, String title) {
    String head = "\n.SH \"" + title + "\"\n";
    int from = page.indexOf(head);
    int to = from < 0 ? -1 : page.indexOf("\n.SH ", from + 1);
    String text = from < 0 ? "" : page.substring(from + head.length(), to < 0 ? page.length() : to);
    return text.replace("\\(ti", "~").replace("\\", "");
  }

  /** Its letters and digits alone, which markup and the wrapping of lines leave as they are. */
  private static String words(String text) {
    return text.replace("%n", "")
        .replaceAll("(?m)^\\.(RS 4|RE|sp)$", "")
        .replaceAll("\\\\f[BIPR]|\\\\\\(..|\\\\\\*\\(..", "")
        .replaceAll("[^\\p{L}\\p{N}]", "");
  }

  /**
   * Fails unless what the list of subcommands shows of each is a whole sentence: it shows the first
   * element of a header or description, and so does the first line of a man page.
   */
  public static void checkSentences(CommandLine command) {
    for (CommandLine subcommand : command.getSubcommands().values()) {
      UsageMessageSpec usage = subcommand.getCommandSpec().usageMessage();
      String[] shown = usage.header().length > 0 ? usage.header() : usage.description();
      assertThat(shown).as(subcommand.getCommandName()).isNotEmpty();
      assertThat(shown[0].replace("%n", "\n").strip().lines().findFirst())
          .as("what help shows of " + subcommand.getCommandName())
          .get(STRING)
          .matches("\\p{Lu}.*[^.]\\.");
    }
  }

  private static String page(String name) throws IOException {
    return Files.readString(FOLDER.resolve(name + ".1"))
        .replace("\\-", "-")
        .replace("\\(cq", "'")
        .replace("\\*(Aq", "'");
  }
}
