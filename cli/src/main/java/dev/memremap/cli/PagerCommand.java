// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.terminal.ExitStatus;
import dev.memremap.cli.terminal.UsageException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code memremap pager}. What looks at memories is in other classes, which help does not load. */
@Command(
    name = "pager",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = ExitStatus.HEADING,
    exitCodeList = {
      ExitStatus.OK_TEXT,
      ExitStatus.REFUSED_IF
          + "The process or its memory does not exist, it cannot be reached, or its store does not answer.",
      ExitStatus.UNUSABLE_TEXT,
      ExitStatus.OUTPUT_LOST_TEXT,
      ExitStatus.INTERRUPTED_TEXT
    },
    description = {
      "Look at the remote memories of running programs, and have them served, filled or flushed.",
      "A remote memory is larger than this computer; its pages live in a store, and a worker in a"
          + " JVM of its own brings them in. This command needs nothing of the program: it may"
          + " stand still and wait for a page."
    })
final class PagerCommand implements Callable<Integer> {
  /** What can be done. */
  enum Action {
    /** Print what each memory holds and has done. */
    STATUS,
    /** Start a guardian and workers where none lives. */
    ADOPT,
    /** Bring pages in. */
    PRELOAD,
    /** Bring to the store what it does not have. */
    FLUSH
  }

  /** An action in lower case. */
  static final class Actions implements ITypeConverter<Action>, Iterable<String> {
    Actions() {}

    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(Action.values()).map(a -> a.name().toLowerCase(Locale.ROOT)).iterator();
    }

    @Override
    public Action convert(String text) {
      try {
        return Action.valueOf(text.toUpperCase(Locale.ROOT));
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(
            "'%s' is nothing that can be done; write status, adopt, preload or flush"
                .formatted(text));
      }
    }
  }

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "ACTION",
      converter = Actions.class,
      completionCandidates = Actions.class,
      description =
          "status prints what each memory holds and has done; adopt starts a guardian and workers"
              + " where all of them were killed; preload brings pages in as far as there is room;"
              + " flush brings to the store what it does not have yet.")
  private Action action = Action.STATUS;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "PID",
      description =
          "The process number of the program, or of one that serves it. status without it shows"
              + " all memories that you may see.")
  private @Nullable Long pid;

  @Parameters(
      index = "2",
      arity = "0..1",
      paramLabel = "RANGE",
      description =
          "What preload brings in, in bytes from the memory's start: START+SIZE, or START-END in"
              + " hexadecimal. Without it, the whole memory.")
  private @Nullable String range;

  @Option(
      names = "--store",
      paramLabel = "URI",
      description = "Only the memory of this store, where a program has several.")
  private @Nullable String store;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  PagerCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    if (pid == null && action != Action.STATUS) {
      throw new UsageException(
          "%s needs the process number of a program; 'memremap pager status' lists them"
              .formatted(action.name().toLowerCase(Locale.ROOT)));
    }
    if (range != null && action != Action.PRELOAD) {
      throw new UsageException("a range is for preload; leave %s out".formatted(range));
    }
    Where.Span span = range == null ? null : span(range);
    PagerAction.Wanted wanted = new PagerAction.Wanted(action, pid, span, store);
    PagerView view = new PagerAction(wanted).run();
    if (json) {
      spec.commandLine().getOut().println(view.toJson());
    } else {
      view.lines().forEach(spec.commandLine().getOut()::println);
    }
    return ExitStatus.OK;
  }

  private static Where.Span span(String range) {
    if (Where.parseAddresses(range) instanceof Where.Span span) {
      return span;
    }
    throw new UsageException(
        "%s is an address and has no size; write START+SIZE or START-END".formatted(range));
  }
}
