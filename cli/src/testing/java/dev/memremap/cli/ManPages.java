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
    for (String section : List.of("EXAMPLES", "FILES", "ENVIRONMENT", "SEE ALSO")) {
      assertThat(page).as(name).contains("\n.SH \"" + section + "\"\n");
    }
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
