// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What the shell proposes behind an option. */
class CompletionTest {
  private static List<CommandLine> commands() {
    return List.copyOf(MemremapCommand.commandLine().getSubcommands().values());
  }

  private static List<String> candidates(ArgSpec arg) {
    List<String> words = new ArrayList<>();
    if (arg.completionCandidates() != null) {
      arg.completionCandidates().forEach(words::add);
    }
    return words;
  }

  @Test
  @DisplayName("every word that completion proposes is taken, and spelled as help spells it")
  void proposed() throws Exception {
    List<String> proposed = new ArrayList<>();
    for (CommandLine command : commands()) {
      for (OptionSpec option : command.getCommandSpec().options()) {
        if (option.longestName().equals("--kernel")) {
          // a text, read with the machine: kernels() looks at it
          continue;
        }
        for (String word : candidates(option)) {
          if (!option.longestName().equals("--guest")) {
            assertThat(option.converters()).as(option.longestName()).hasSize(1);
            assertThat(option.converters()[0].convert(word)).as(word).isNotNull();
          }
          assertThat(command.getUsageMessage()).contains(word);
          proposed.add(option.longestName() + " " + word);
        }
      }
    }
    assertThat(proposed)
        .contains("--color never", "--namespace devdax", "--map mem", "--type FS_DAX");
  }

  @Test
  @DisplayName(
      "each kernel that completion proposes is one that a machine can follow, or the newest")
  void kernels() {
    for (CommandLine command : commands()) {
      OptionSpec option = command.getCommandSpec().findOption("--kernel");
      if (option != null) {
        List<String> words = new ArrayList<>(candidates(option));
        assertThat(words).as(command.getCommandName()).contains("5.10", "6.1", "6.12", "7.3");
        assertThat(words.remove("newest"))
            .isEqualTo(command.getCommandName().equals("conformance"));
        for (String word : words) {
          MachineDescription ram = MachineDescription.parse("00001000-0fffffff : System RAM\n");
          Machine.builder(ram).kernel(word).build().close();
        }
      }
    }
  }

  @Test
  @DisplayName("completion proposes files wherever a value is a file")
  void files() {
    for (CommandLine command : commands()) {
      for (ArgSpec arg : command.getCommandSpec().args()) {
        if (arg.paramLabel().contains("FILE") || arg.paramLabel().contains("SCENARIO")) {
          Class<?> type = arg.isMultiValue() ? arg.auxiliaryTypes()[0] : arg.type();
          assertThat(type)
              .as("%s %s", command.getCommandName(), arg.paramLabel())
              .isEqualTo(java.nio.file.Path.class);
        }
      }
    }
  }
}
