// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.terminal.UsageException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Stack;
import java.util.function.Consumer;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The {@code --dmesg} of {@code explain} and {@code plan}: alone it asks for what a kernel would
 * log. With a file it is that of all commands, which name the machine's log with it.
 */
final class LogOption implements IModelTransformer {
  private static final String NAME = "--dmesg";

  /** Stands for no file: no file can have this name. */
  private static final String ALONE = "/dev/null/alone";

  private static final Path NO_FILE = Path.of(ALONE);

  /** What a command makes of the option. */
  interface Command {
    /** What was given until now. */
    List<Path> log();

    /** What was given: files, and one that cannot be where it stood alone. */
    void log(List<Path> given);
  }

  /** Whether the option stood alone. */
  static boolean isAlone(List<Path> given) {
    return given.contains(NO_FILE);
  }

  /** Passes on the file that was given. */
  static void file(List<Path> given, Consumer<Path> machine) {
    List<Path> files = given.stream().filter(file -> !file.equals(NO_FILE)).toList();
    if (files.size() > 1) {
      throw new UsageException("--dmesg names several files; name one");
    }
    files.forEach(machine);
  }

  @Override
  public CommandSpec transform(CommandSpec spec) {
    OptionSpec ofMachine = spec.findOption(NAME);
    Command command = (Command) spec.userObject();
    List<OptionSpec> options = List.copyOf(spec.options());
    // those after it are added again, so that it keeps its place in the help
    List<OptionSpec> after = options.subList(options.indexOf(ofMachine) + 1, options.size());
    spec.remove(ofMachine);
    after.forEach(spec::remove);
    spec.addOption(
        OptionSpec.builder(NAME)
            .paramLabel(ofMachine.paramLabel())
            .arity("0..1")
            .fallbackValue(ALONE)
            .preprocessor(new Alone())
            .type(List.class)
            .auxiliaryTypes(Path.class)
            .initialValue(List.of())
            .hasInitialValue(true)
            .getter(
                new picocli.CommandLine.Model.IGetter() {
                  @Override
                  // it is a list, as the type above says
                  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
                  public <T> T get() {
                    // what is given next is added to it
                    return (T) new ArrayList<>(command.log());
                  }
                })
            .setter(
                new picocli.CommandLine.Model.ISetter() {
                  @Override
                  public <T> T set(T value) {
                    command.log(value == null ? List.of() : files((List<?>) value));
                    return value;
                  }
                })
            .description(
                "Say also which lines the kernel would log for this call, and which of them only"
                    + " once a boot. With FILE: the machine's kernel log; where it disagrees with"
                    + " the map, that is said.")
            .build());
    after.forEach(spec::addOption);
    return spec;
  }

  private static List<Path> files(List<?> given) {
    return given.stream().map(Path.class::cast).toList();
  }

  /** Takes the next word for a file only if it is one. */
  static final class Alone implements IParameterPreprocessor {
    @Override
    public boolean preprocess(
        Stack<String> words, CommandSpec command, ArgSpec option, Map<String, Object> how) {
      if (" ".equals(how.get("separator")) && (words.isEmpty() || !isFile(words.peek()))) {
        words.push(ALONE);
      }
      return false;
    }

    private static boolean isFile(String word) {
      try {
        return word.equals("-") || Files.exists(Path.of(word));
      } catch (InvalidPathException e) {
        return false;
      }
    }
  }
}
