// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.terminal.ProgressLine;
import dev.memremap.cli.terminal.RefusedException;
import dev.memremap.cli.terminal.UsageException;
import dev.memremap.pager.internal.link.Reply;
import dev.memremap.pager.internal.link.Request.Operation;
import dev.memremap.pager.internal.process.Adoption;
import dev.memremap.pager.internal.process.RunningMemory;
import dev.memremap.pager.internal.process.UnreachableMemoryException;
import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.state.Settings;
import dev.memremap.pager.internal.state.StateFile;
import dev.memremap.pager.internal.sys.Native;
import dev.memremap.pager.internal.sys.Syscalls;
import dev.memremap.pager.store.StoreFact;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Carries out what {@code memremap pager} was asked for. */
final class PagerAction {
  private static final int STEPS = 100;
  private static final int LEAST_STEP = 64;

  private final Wanted wanted;

  /**
   * What is asked for.
   *
   * @param pid the process; null for all
   * @param range in bytes from the memory's start; null for the whole memory
   * @param store the memory's; null for any
   */
  record Wanted(
      PagerCommand.Action action,
      @Nullable Long pid,
      Where.@Nullable Span range,
      @Nullable String store) {}

  PagerAction(Wanted wanted) {
    this.wanted = wanted;
  }

  /** Does it, and returns what there is to see of the memories afterwards. */
  PagerView run() throws InterruptedException {
    Syscalls calls = Native.calls();
    List<RunningMemory> found = List.of();
    try {
      found = wanted.pid == null ? RunningMemory.all(calls) : RunningMemory.of(calls, wanted.pid);
      List<RunningMemory> chosen = chosen(found);
      List<PagerView.Seen> seen = new ArrayList<>();
      for (RunningMemory memory : chosen) {
        String done = done(memory);
        List<StoreFact> facts =
            wanted.action == PagerCommand.Action.STATUS ? PagerRequests.facts(memory) : List.of();
        seen.add(PagerView.Seen.of(memory, done, facts));
      }
      return new PagerView(wanted.action.name().toLowerCase(Locale.ROOT), seen);
    } catch (UnreachableMemoryException e) {
      throw new RefusedException(String.valueOf(e.getMessage()));
    } finally {
      found.forEach(RunningMemory::close);
    }
  }

  private List<RunningMemory> chosen(List<RunningMemory> found) {
    String store = wanted.store;
    List<RunningMemory> chosen =
        store == null
            ? found
            : found.stream().filter(memory -> store(memory).equals(store)).toList();
    if (chosen.isEmpty() && store != null) {
      throw new RefusedException(
          found.isEmpty()
              ? "no remote memory can be seen"
              : "no remote memory has its pages in %s; the ones here have theirs in %s"
                  .formatted(store, stores(found)));
    }
    if (chosen.size() > 1 && wanted.range != null) {
      throw new UsageException(
          "process %d has several remote memories; say with --store which one the range is of: %s"
              .formatted(wanted.pid, stores(chosen)));
    }
    return chosen;
  }

  private static String store(RunningMemory memory) {
    return memory.state().settings().shown().toString();
  }

  private static String stores(List<RunningMemory> memories) {
    return memories.stream().map(PagerAction::store).collect(Collectors.joining(", "));
  }

  private String done(RunningMemory memory)
      throws UnreachableMemoryException, InterruptedException {
    return switch (wanted.action) {
      case STATUS -> "";
      case ADOPT -> sentence(Adoption.of(memory));
      case PRELOAD -> preload(memory);
      case FLUSH -> flush(memory);
      case COPY -> throw new IllegalStateException("a copy has no memory");
    };
  }

  private static String sentence(Adoption.Outcome outcome) {
    return switch (outcome) {
      case Adoption.Outcome.Adopted adopted ->
          "it is served again, by worker %d of guardian %d"
              .formatted(adopted.worker(), adopted.guardian());
      case Adoption.Outcome.Lives lives ->
          "nothing is to be done: its %s, process %d, lives"
              .formatted(lives.role().name().toLowerCase(Locale.ROOT), lives.pid());
      case Adoption.Outcome.Ended ended -> "nothing is to be done: its program has closed it";
    };
  }

  private String preload(RunningMemory memory) throws InterruptedException {
    Settings settings = memory.state().settings();
    int first = 0;
    int count = settings.pages();
    Where.Span range = wanted.range;
    if (range != null) {
      requireInside(range, settings);
      first = (int) (range.start() / settings.pageBytes());
      long last = (range.start() + range.size() - 1) / settings.pageBytes();
      count = (int) (last - first + 1);
    }
    long came = 0;
    int step = Math.max(LEAST_STEP, count / STEPS);
    try (PagerRequests requests = new PagerRequests(memory);
        ProgressLine progress = new ProgressLine("preloaded", count)) {
      for (int done = 0; done < count; done += step) {
        int some = Math.min(step, count - done);
        Reply reply = requests.ask(Operation.PRELOAD, first + done, some, () -> {});
        came += reply.value();
        progress.stepTo(done + some, came + " came in");
      }
    }
    return "of %,d pages %,d came in; %,d are in memory, of at most %,d"
        .formatted(count, came, memory.state().get(Counter.RESIDENT), settings.residentPages());
  }

  private static void requireInside(Where.Span range, Settings settings) {
    boolean isInside =
        range.start() >= 0
            && range.start() < settings.bytes()
            && range.size() > 0
            && range.size() <= settings.bytes() - range.start();
    if (!isInside) {
      throw new UsageException(
          "%s is not inside the remote memory, which has 0x%x bytes; a range has at least 1 of them"
              .formatted(
                  range.size() == 0
                      ? "0x%x+0".formatted(range.start())
                      : Words.judged(range.start(), range.size()),
                  settings.bytes()));
    }
  }

  private static String flush(RunningMemory memory) throws InterruptedException {
    StateFile state = memory.state();
    long before = state.get(Counter.DIRTY);
    long written = state.get(Counter.WRITTEN);
    try (PagerRequests requests = new PagerRequests(memory);
        ProgressLine progress = new ProgressLine("flushed", (int) before)) {
      requests.ask(
          Operation.FLUSH,
          0,
          0,
          () -> progress.stepTo(Math.clamp(before - state.get(Counter.DIRTY), 0, before), ""));
      progress.stepTo(before, "");
    }
    return "all that was stored before is in the store; %,d pages were written"
        .formatted(state.get(Counter.WRITTEN) - written);
  }
}
