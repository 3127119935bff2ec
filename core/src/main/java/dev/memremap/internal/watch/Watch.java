// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.watch;

import dev.memremap.Machine;
import dev.memremap.internal.live.LiveMachines;
import dev.memremap.page.DevPagemap;
import dev.memremap.resource.IomemText;
import dev.memremap.resource.Resource;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * Tells another process of this JVM's machines. It is a bean of JMX by its name alone, so that the
 * library needs nothing of JMX. When it is not asked any more, it ends by itself.
 *
 * <p>Thread safety: all methods may be called from any thread.
 */
public final class Watch implements WatchMBean {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final EventCounts counts = new EventCounts(PATIENCE);

  /** By the numbers of machines; guarded by itself. */
  private final Map<Long, ToldState> told = new HashMap<>();

  /** Begins to watch. */
  public Watch() {}

  @Override
  public String look(long since) {
    StringBuilder text = new StringBuilder();
    for (LiveMachines.Numbered each : LiveMachines.all()) {
      each(
          each,
          (number, machine) -> {
            List<DevPagemap> maps = machine.pagemaps();
            text.append(
                "machine\t%d\t%d\t%d\t%d\t%d\n"
                    .formatted(
                        number,
                        System.identityHashCode(machine.resources().root()),
                        machine.liveMappings().size(),
                        maps.size(),
                        maps.stream().mapToLong(DevPagemap::outsideReferences).sum()));
          });
    }
    counts.write(text, since);
    return text.toString();
  }

  @Override
  public String map(long wanted) {
    StringBuilder text = new StringBuilder();
    for (LiveMachines.Numbered each : LiveMachines.all()) {
      if (each.number() == wanted) {
        each(
            each,
            (number, machine) -> {
              Resource root = machine.resources().root();
              text.append(
                      machine
                          .description()
                          .toText()
                          .lines()
                          .takeWhile(line -> line.startsWith("#"))
                          .map(line -> line + "\n")
                          .collect(Collectors.joining()))
                  .append(IomemText.format(root));
            });
      }
    }
    return text.toString();
  }

  @Override
  public String state(long wanted) {
    StringBuilder text = new StringBuilder();
    for (LiveMachines.Numbered each : LiveMachines.all()) {
      if (each.number() == wanted) {
        each(each, (number, machine) -> text.append(ToldState.Lines.of(machine).text()));
      }
    }
    return text.toString();
  }

  @Override
  public String changes(long wanted, long since) {
    StringBuilder text = new StringBuilder();
    List<LiveMachines.Numbered> all = LiveMachines.all();
    synchronized (told) {
      told.keySet().retainAll(all.stream().map(LiveMachines.Numbered::number).toList());
      for (LiveMachines.Numbered each : all) {
        if (each.number() == wanted) {
          each(
              each,
              (number, machine) ->
                  text.append(
                      told.computeIfAbsent(number, none -> new ToldState())
                          .changes(since, ToldState.Lines.of(machine))));
        }
      }
    }
    return text.toString();
  }

  /** Asks a machine; one that is closed, or closes meanwhile, is left out. */
  private static void each(LiveMachines.Numbered each, BiConsumer<Long, Machine> ask) {
    if (each.machine() instanceof Machine machine) {
      try {
        ask.accept(each.number(), machine);
      } catch (IllegalStateException closed) {
        // there is nothing to tell of it
      }
    }
  }

  @Override
  public void stop() {
    counts.close();
  }
}
