// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The pages of {@code docs/man}, which {@code mvn -Pman} writes from the commands. */
public final class ManPages {
  private static final Path FOLDER = Path.of("..", "docs", "man");

  private ManPages() {}

  /** Fails unless a command's page names each subcommand, and their pages name each option. */
  public static void check(CommandLine command) throws IOException {
    String name = command.getCommandName();
    String page = page(name);
    for (CommandLine subcommand : command.getSubcommands().values()) {
      assertThat(page).as(name).contains("\\fB" + subcommand.getCommandName() + "\\fP");
      String pageOfIt = page(name + "-" + subcommand.getCommandName());
      for (OptionSpec option : subcommand.getCommandSpec().options()) {
        assertThat(pageOfIt).as(subcommand.getCommandName()).contains(option.longestName());
      }
    }
  }

  private static String page(String name) throws IOException {
    return Files.readString(FOLDER.resolve(name + ".1")).replace("\\-", "-");
  }
}
