// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.watch;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.internal.live.LiveMachines;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.PagemapRange;
import dev.memremap.resource.IomemText;
import dev.memremap.resource.Resource;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * Tells another process of this JVM's machines. It is a bean of JMX by its name alone, so that the
 * library needs nothing of JMX. When it is not asked any more, it ends by itself.
 *
 * <p>Thread safety: all methods may be called from any thread.
 */
public final class Watch implements WatchMBean {
  private static final long PATIENCE_NANOS = 30_000_000_000L;
  private static final int MOST_LINES = 100_000;

  private final EventCounts counts;
  private volatile long asked = System.nanoTime();

  /** Begins to watch. */
  public Watch() {
    this.counts = new EventCounts(this::endIfForgotten);
  }

  private void endIfForgotten() {
    if (System.nanoTime() - asked > PATIENCE_NANOS) {
      stop();
    }
  }

  @Override
  public String look(long since) {
    asked = System.nanoTime();
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
        each(each, (number, machine) -> state(machine, text));
      }
    }
    return text.toString();
  }

  private static void state(Machine machine, StringBuilder text) {
    int left = MOST_LINES;
    int more = 0;
    for (Mapping mapping : machine.liveMappings()) {
      if (left-- > 0) {
        line(
            text,
            "mapping",
            mapping.range().start(),
            mapping.range().endInclusive(),
            mapping.cacheMode().symbol(),
            mapping.plan().flags(),
            mapping.isDirectMap(),
            mapping.isEncrypted());
      } else {
        more++;
      }
    }
    for (DevPagemap map : machine.pagemaps()) {
      if (left-- > 0) {
        pagemap(map, text);
      } else {
        more++;
      }
    }
    if (more > 0) {
      text.append("more\t").append(more).append('\n');
    }
  }

  private static void pagemap(DevPagemap map, StringBuilder text) {
    DevPagemap.State state = map.state();
    if (state == DevPagemap.State.UNMAPPED) {
      return;
    }
    for (PagemapRange range : map.ranges()) {
      line(
          text,
          "pagemap",
          range.start(),
          range.endInclusive(),
          state,
          map.outsideReferences(),
          map.type().map(MemoryType::name).orElse("untyped"),
          map.cacheMode().symbol(),
          EventCounts.plain(map.toString()));
    }
  }

  /** Writes a line by hand: with thousands of them, formatting takes most of an answer's time. */
  private static void line(StringBuilder text, String about, Object... words) {
    text.append(about);
    for (Object word : words) {
      text.append('\t').append(word);
    }
    text.append('\n');
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
