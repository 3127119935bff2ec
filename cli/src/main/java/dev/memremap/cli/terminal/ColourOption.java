// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The option of a command, and of each of its subcommands, that says when colours are printed. */
public final class ColourOption {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /** The option, without a word yet. */
  public ColourOption() {}

  /** When colours are printed. */
  enum When {
    ALWAYS,
    /** On a terminal that understands them, unless its user wants none. */
    AUTO,
    NEVER
  }

  /** The words of the option. */
  static final class Words implements ITypeConverter<When>, Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return List.of("always", "auto", "never").iterator();
    }

    @Override
    public When convert(String text) {
      return switch (text) {
        case "always" -> When.ALWAYS;
        case "auto" -> When.AUTO;
        case "never" -> When.NEVER;
        default ->
            throw new TypeConversionException(
                "'%s' does not say when; write always, auto or never".formatted(text));
      };
    }
  }

  @Option(
      names = "--color",
      paramLabel = "always|auto|never",
      scope = ScopeType.INHERIT,
      converter = Words.class,
      completionCandidates = Words.class,
      description =
          "When to print colours. Default: auto, on a terminal, unless NO_COLOR is set or TERM is"
              + " dumb or missing.")
  void colour(@Nullable When when) {
    if (when != null) {
      Terminal.colour(command.commandLine(), when);
    }
  }
}
