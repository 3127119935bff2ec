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
          + "The process or its memory does not exist, it cannot be reached, or its store does not"
          + " answer; or a store cannot be copied, or its copy is not what it is.",
      ExitStatus.UNUSABLE_TEXT,
      ExitStatus.OUTPUT_LOST_TEXT,
      ExitStatus.INTERRUPTED_TEXT
    },
    description = {
      "Look at the remote memories of running programs, have them served, filled or flushed, and"
          + " copy their stores.",
      "A remote memory is larger than this computer; its pages live in a store, and a worker in a"
          + " JVM of its own brings them in. This command needs nothing of the program: it may"
          + " stand still and wait for a page.",
      "copy takes a store that no program has open to another place: from a file into Valkey, for"
          + " one. A copy that was interrupted goes on with the same words. Each page of both is"
          + " compared in the end, and only then can the copy be opened."
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
    FLUSH,
    /** Copy a store to another place. */
    COPY
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
            "'%s' is nothing that can be done; write status, adopt, preload, flush or copy"
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
              + " flush brings to the store what it does not have yet; copy copies a store.")
  private Action action = Action.STATUS;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "PID|FROM",
      description =
          "The process number of the program, or of one that serves it. status without it shows"
              + " all memories that you may see. With copy, the store that is copied: a file, or a"
              + " location such as valkey://host?prefix=pages.")
  private @Nullable String subject;

  @Parameters(
      index = "2",
      arity = "0..1",
      paramLabel = "RANGE|TO",
      description =
          "What preload brings in, in bytes from the memory's start: START+SIZE, or START-END in"
              + " hexadecimal. Without it, the whole memory. With copy, where the copy is made.")
  private @Nullable String object;

  @Option(
      names = "--replace",
      description =
          "Have copy write over a store that is at TO already, or over a copy of another one that"
              + " is not finished. It must be as large as FROM.")
  private boolean replace;

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
    if (action == Action.COPY) {
      return copy();
    }
    if (replace) {
      throw new UsageException("--replace is for copy; leave it out");
    }
    if (subject == null && action != Action.STATUS) {
      throw new UsageException(
          "%s needs the process number of a program; 'memremap pager status' lists them"
              .formatted(action.name().toLowerCase(Locale.ROOT)));
    }
    if (object != null && action != Action.PRELOAD) {
      throw new UsageException("a range is for preload; leave %s out".formatted(object));
    }
    Long pid = subject == null ? null : pid(subject);
    Where.Span span = object == null ? null : span(object);
    PagerAction.Wanted wanted = new PagerAction.Wanted(action, pid, span, store);
    PagerView view = new PagerAction(wanted).run();
    if (json) {
      spec.commandLine().getOut().println(view.toJson());
    } else {
      view.lines().forEach(spec.commandLine().getOut()::println);
    }
    return ExitStatus.OK;
  }

  private int copy() {
    if (store != null || json) {
      throw new UsageException(
          "%s is not for copy; leave it out".formatted(json ? "--json" : "--store"));
    }
    if (subject == null || object == null) {
      throw new UsageException(
          "copy needs two stores, FROM and TO: a file, or a location such as valkey://host");
    }
    PagerCopy copy = new PagerCopy(subject, object, replace);
    spec.commandLine().getOut().println(copy.run(spec.commandLine().getErr()));
    return ExitStatus.OK;
  }

  private static long pid(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new UsageException("'%s' is not the number of a process".formatted(text));
    }
  }

  private static Where.Span span(String range) {
    if (Where.parseAddresses(range) instanceof Where.Span span) {
      return span;
    }
    throw new UsageException(
        "%s is an address and has no size; write START+SIZE or START-END".formatted(range));
  }
}
