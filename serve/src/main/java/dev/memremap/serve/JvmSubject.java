// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import dev.memremap.Machine;
import dev.memremap.drawing.model.Area;
import dev.memremap.drawing.model.MachineMap;
import dev.memremap.drawing.model.Overlay;
import dev.memremap.drawing.model.Scene;
import dev.memremap.machine.MachineDescription;
import dev.memremap.rule.PlainText;
import java.io.IOException;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The machines of another JVM as they change. Figures and events are asked for a few times a
 * second; what lives on a machine, when it is drawn.
 *
 * <p>Thread safety: one thread looks at the other JVM; {@code this} guards what is known of
 * machines, and readers wait for what is known.
 */
public final class JvmSubject implements Subject {
  /** What events are called, by the names that a watch counts them under. */
  private static final Map<String, String> COUNTED = new LinkedHashMap<>();

  static {
    COUNTED.put("remapped", "remapped");
    COUNTED.put("refused", "refused");
    COUNTED.put("unmapped", "unmapped");
    COUNTED.put("pagemaps_registered", "page maps registered");
    COUNTED.put("pagemaps_killed", "page maps killed");
    COUNTED.put("pagemaps_drained", "page maps drained");
    COUNTED.put("pagemaps_released", "page maps released");
    COUNTED.put("pages_freed", "pages freed");
    COUNTED.put("memory_failures", "memory failures");
  }

  private static final int PAUSE_MILLIS = 100;

  private final long pid;
  private final String name;
  private final JvmLink link;
  private final Thread looker;
  private final Map<Long, Known> known = new HashMap<>();
  private final Map<Long, SeenState> states = new HashMap<>();
  private volatile List<WatchText.Seen> machines = List.of();
  private final LatestPulse pulse =
      new LatestPulse(new Pulse(0, List.of(), List.of(), true, Optional.empty(), Optional.empty()));
  private volatile boolean closed;

  /** What is known of a machine's resources, which rarely change. */
  private record Known(long resources, MachineDescription description, List<Area> areas) {}

  /**
   * Attaches to a JVM.
   *
   * @throws java.io.UncheckedIOException if that cannot be done; the message is a sentence
   */
  public JvmSubject(long pid) {
    this.pid = pid;
    this.link = JvmLink.to(pid);
    String program = PlainText.of(link.program());
    this.name = "JVM %d%s".formatted(pid, program.isEmpty() ? "" : " (%s)".formatted(program));
    // what is there already is shown by the first page
    look();
    this.looker = Thread.ofPlatform().daemon().name("memremap-serve-look").start(this::watch);
  }

  private void watch() {
    while (!closed && pulse.get().isLive()) {
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException closing) {
        return;
      }
      look();
    }
  }

  private void look() {
    Pulse before = pulse.get();
    try {
      long last = before.events().isEmpty() ? 0 : before.events().getFirst().number();
      WatchText.Look look = WatchText.look(link.look(last));
      List<Pulse.Event> events = new ArrayList<>(look.events());
      events.addAll(before.events());
      List<Pulse.Total> totals = totals(look);
      boolean isSame =
          look.events().isEmpty()
              && totals.equals(before.totals())
              && look.machines().equals(machines);
      machines = look.machines();
      if (!isSame) {
        pulse.set(
            new Pulse(
                before.version() + 1,
                totals,
                events.subList(0, Math.min(events.size(), Pulse.EVENTS)),
                true,
                Optional.empty(),
                Optional.empty()));
      }
    } catch (IOException e) {
      if (!closed) {
        lost(before);
      }
    }
  }

  /** The JVM ended, or does not answer; what was seen last stays. */
  private void lost(Pulse before) {
    boolean runs = JvmLink.isRunning(pid);
    String when = LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS).toString();
    String words =
        runs
            ? "%s has not answered since %s".formatted(name, when)
            : "%s ended at %s; this is what was seen last".formatted(name, when);
    pulse.set(
        new Pulse(
            before.version(),
            before.totals(),
            before.events(),
            false,
            Optional.of(words),
            Optional.empty()));
  }

  private static List<Pulse.Total> totals(WatchText.Look look) {
    List<Pulse.Total> totals = new ArrayList<>();
    totals.add(now("machines", "machines", look.machines().size()));
    totals.add(
        now(
            "mappings",
            "mappings",
            look.machines().stream().mapToLong(WatchText.Seen::mappings).sum()));
    totals.add(
        now(
            "pagemaps",
            "page maps",
            look.machines().stream().mapToLong(WatchText.Seen::pagemaps).sum()));
    totals.add(
        now(
            "references",
            "references held",
            look.machines().stream().mapToLong(WatchText.Seen::references).sum()));
    COUNTED.forEach(
        (id, words) ->
            totals.add(new Pulse.Total(id, words, look.counts().getOrDefault(id, 0L), true)));
    return totals;
  }

  private static Pulse.Total now(String id, String words, long value) {
    return new Pulse.Total(id, words, value, false);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Step> steps() {
    return List.of();
  }

  @Override
  public List<MachineName> machines() {
    return machines.stream()
        .map(
            seen ->
                new MachineName(
                    String.valueOf(seen.number()), "Machine %d".formatted(seen.number())))
        .toList();
  }

  private WatchText.Seen seen(Place place) {
    List<WatchText.Seen> all = machines;
    return all.stream()
        .filter(
            each ->
                place.machine().isEmpty() || place.machine().equals(String.valueOf(each.number())))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s has no open machine %s now".formatted(name, place.machine())));
  }

  private synchronized Known known(WatchText.Seen seen) {
    Known before = known.get(seen.number());
    if (before != null && (before.resources() == seen.resources() || !pulse.get().isLive())) {
      return before;
    }
    known.keySet().retainAll(machines.stream().map(WatchText.Seen::number).toList());
    try {
      String text = link.map(seen.number());
      if (text.isEmpty()) {
        throw new IllegalArgumentException(
            "machine %d of %s is closed".formatted(seen.number(), name));
      }
      MachineDescription description = MachineDescription.parse(text);
      Known now = new Known(seen.resources(), description, Area.of(description.root()));
      known.put(seen.number(), now);
      return now;
    } catch (IOException e) {
      throw gone(e);
    }
  }

  private IllegalArgumentException gone(IOException e) {
    return new IllegalArgumentException("%s does not answer".formatted(name), e);
  }

  private List<Overlay> overlays(WatchText.Seen seen) {
    SeenState state = state(seen.number());
    try {
      if (pulse.get().isLive()) {
        return state.look(link);
      }
    } catch (IOException e) {
      // it ended since the last look
    }
    return state.last();
  }

  private synchronized SeenState state(long number) {
    states.keySet().retainAll(machines.stream().map(WatchText.Seen::number).toList());
    return states.computeIfAbsent(number, SeenState::new);
  }

  @Override
  public Scene scene(Place place) {
    WatchText.Seen seen = seen(place);
    Known machine = known(seen);
    MachineMap.AddressEnd end = MachineMap.AddressEnd.of(machine.description());
    return new Scene(
            "Machine %d of %s".formatted(seen.number(), name),
            List.of(),
            List.of(new MachineMap("", machine.areas(), end)),
            List.of())
        .withOverlays(overlays(seen));
  }

  @Override
  public <T> T ask(Place place, Function<Machine, T> question) {
    try (Machine alike = Machine.simulated(known(seen(place)).description())) {
      return question.apply(alike);
    }
  }

  @Override
  public Pulse pulse() {
    return pulse.get();
  }

  @Override
  public Pulse next(Pulse told, Duration patience) throws InterruptedException {
    return pulse.otherThan(told, patience);
  }

  @Override
  public void close() {
    closed = true;
    looker.interrupt();
    link.close();
  }
}
