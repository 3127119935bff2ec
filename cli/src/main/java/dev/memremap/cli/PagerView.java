// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.json.JsonDocument;
import dev.memremap.cli.json.NumberJson;
import dev.memremap.pager.internal.process.RunningMemory;
import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.state.Settings;
import dev.memremap.pager.internal.state.StateFile;
import dev.memremap.pager.internal.state.StateFile.Phase;
import dev.memremap.pager.internal.state.StateFile.Role;
import dev.memremap.pager.internal.sys.SyscallException;
import dev.memremap.pager.store.StoreFact;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Remote memories, for people and for programs.
 *
 * @param action what was asked for
 * @param memories what was seen of each, after that was done
 */
record PagerView(String action, List<Seen> memories) {
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** The counters, in the order in which they are shown, and their names in JSON. */
  private static final Map<Counter, String> NAMES = new EnumMap<>(Counter.class);

  static {
    NAMES.put(Counter.RESIDENT, "resident");
    NAMES.put(Counter.DIRTY, "dirty");
    NAMES.put(Counter.PINNED, "pinned");
    NAMES.put(Counter.POISONED, "poisoned");
    NAMES.put(Counter.FAULTS, "faults");
    NAMES.put(Counter.FIRST_WRITES, "firstWrites");
    NAMES.put(Counter.READ_AHEAD, "readAhead");
    NAMES.put(Counter.FETCHED, "fetched");
    NAMES.put(Counter.EVICTED, "evicted");
    NAMES.put(Counter.WRITTEN, "written");
    NAMES.put(Counter.BYTES_READ, "bytesRead");
    NAMES.put(Counter.BYTES_WRITTEN, "bytesWritten");
    NAMES.put(Counter.OUTAGES, "outages");
    NAMES.put(Counter.POISONED_EVER, "poisonedEver");
    NAMES.put(Counter.HEALED, "healed");
    NAMES.put(Counter.LONGEST_STALL, "longestStallNanos");
    NAMES.put(Counter.TAKEOVERS, "takeovers");
    NAMES.put(Counter.LAST_TAKEOVER, "lastTakeoverNanos");
  }

  /**
   * A process of a memory.
   *
   * @param pid 0 if there was none yet
   */
  record Member(long pid, boolean isAlive) {
    @Override
    public String toString() {
      return pid == 0
          ? "none yet"
          : isAlive ? "process " + pid : "gone (it was process %d)".formatted(pid);
    }
  }

  /**
   * What was seen of a memory.
   *
   * @param done what was done to it; empty if it was looked at alone
   * @param facts what its store says of itself; empty if its worker did not answer
   */
  record Seen(
      Member application,
      Phase phase,
      Settings settings,
      Map<Counter, Long> counters,
      Map<Role, Member> members,
      String done,
      List<StoreFact> facts) {
    static Seen of(RunningMemory memory, String done, List<StoreFact> facts) {
      StateFile state = memory.state();
      Map<Counter, Long> counters = new EnumMap<>(Counter.class);
      for (Counter each : NAMES.keySet()) {
        counters.put(each, state.get(each));
      }
      Map<Role, Member> members = new EnumMap<>(Role.class);
      try {
        for (Role role : Role.values()) {
          members.put(role, new Member(state.process(role), memory.lives(role)));
        }
        return new Seen(
            new Member(state.application(), memory.isApplicationAlive()),
            state.phase(),
            state.settings(),
            counters,
            members,
            done,
            facts);
      } catch (SyscallException e) {
        throw new IllegalStateException("a file of this process cannot be asked for its locks", e);
      }
    }

    private long get(Counter counter) {
      return Objects.requireNonNull(counters.get(counter));
    }

    private Member member(Role role) {
      return Objects.requireNonNull(members.get(role));
    }

    private boolean isServed() {
      return member(Role.WORKER).isAlive;
    }

    private boolean isLost() {
      return phase == Phase.OPEN && !isServed() && !member(Role.GUARDIAN).isAlive;
    }
  }

  List<String> lines() {
    if (memories.isEmpty()) {
      return List.of("no program of yours has a remote memory; root sees those of all users");
    }
    List<String> lines = new ArrayList<>();
    for (Seen each : memories) {
      lines.add(
          "%s, remote memory of %s%s"
              .formatted(
                  each.application,
                  each.settings.shown(),
                  each.done.isEmpty() ? "" : ": " + each.done));
      if (each.done.isEmpty()) {
        add(lines, each);
      }
    }
    return lines;
  }

  private static void add(List<String> lines, Seen each) {
    Settings settings = each.settings;
    line(
        lines,
        "size",
        "%s, %,d pages of %s"
            .formatted(
                Words.size(settings.bytes()), settings.pages(), Words.size(settings.pageBytes())));
    line(
        lines,
        "in memory",
        "%,d pages of at most %,d; %,d not in the store yet, %,d pinned"
            .formatted(
                each.get(Counter.RESIDENT),
                settings.residentPages(),
                each.get(Counter.DIRTY),
                each.get(Counter.PINNED)));
    line(
        lines,
        "faults",
        "%,d, and %,d first writes; the longest took %s ms"
            .formatted(
                each.get(Counter.FAULTS),
                each.get(Counter.FIRST_WRITES),
                millis(each.get(Counter.LONGEST_STALL))));
    line(
        lines,
        "came in",
        "%,d pages ahead, %,d by messages; %s were read"
            .formatted(
                each.get(Counter.READ_AHEAD),
                each.get(Counter.FETCHED),
                size(each.get(Counter.BYTES_READ))));
    line(
        lines,
        "went out",
        "%,d pages; %,d were written, %s"
            .formatted(
                each.get(Counter.EVICTED),
                each.get(Counter.WRITTEN),
                size(each.get(Counter.BYTES_WRITTEN))));
    line(
        lines,
        "outages",
        "%,d; %,d pages are poisoned, %,d were, %,d of them are healed; %s"
            .formatted(
                each.get(Counter.OUTAGES),
                each.get(Counter.POISONED),
                each.get(Counter.POISONED_EVER),
                each.get(Counter.HEALED),
                settings.poisons()
                    ? "a fault waits %s ms at most".formatted(millis(settings.limit().toNanos()))
                    : "a fault waits for the store"));
    long takeovers = each.get(Counter.TAKEOVERS);
    line(
        lines,
        "takeovers",
        takeovers == 0
            ? "0"
            : "%,d; the last took %s ms"
                .formatted(takeovers, millis(each.get(Counter.LAST_TAKEOVER))));
    for (Role role : Role.values()) {
      line(lines, role.name().toLowerCase(Locale.ROOT), each.member(role).toString());
    }
    for (StoreFact fact : each.facts) {
      line(
          lines,
          "store",
          fact.node().isEmpty()
              ? "%s: %s".formatted(fact.name(), fact.value())
              : "%s, %s: %s".formatted(fact.node(), fact.name(), fact.value()));
    }
    if (each.isLost()) {
      line(
          lines,
          "to do",
          "memremap pager adopt %d; until then each missing page is waited for"
              .formatted(each.application.pid));
    }
  }

  private static void line(List<String> lines, String name, String says) {
    lines.add("  %-9s  %s".formatted(name, says));
  }

  /** Zero is zero bytes here, and no whole address space. */
  private static String size(long bytes) {
    return bytes == 0 ? "0B" : Words.size(bytes);
  }

  private static String millis(long nanos) {
    return nanos % NANOS_PER_MILLI == 0
        ? "%,d".formatted(nanos / NANOS_PER_MILLI)
        : "%,.3f".formatted(nanos / (double) NANOS_PER_MILLI);
  }

  String toJson() {
    ObjectNode document = JsonDocument.of("pager");
    document.put("action", action);
    ArrayNode all = document.putArray("memories");
    memories.forEach(each -> fill(all.addObject(), each));
    return JsonDocument.text(document);
  }

  private static void fill(ObjectNode node, Seen each) {
    Settings settings = each.settings;
    fill(node, "application", each.application);
    node.put("store", settings.shown().toString());
    node.put("phase", each.phase.name().toLowerCase(Locale.ROOT));
    NumberJson.put(node, "size", settings.bytes());
    node.put("pageSize", settings.pageBytes());
    NumberJson.put(node, "pages", settings.pages());
    NumberJson.put(node, "residentMost", settings.residentPages());
    node.put("onOutage", settings.poisons() ? "fail" : "wait");
    NumberJson.put(node, "limitNanos", settings.limit().toNanos());
    NAMES.forEach((counter, name) -> NumberJson.put(node, name, Math.max(0, each.get(counter))));
    for (Role role : Role.values()) {
      fill(node, role.name().toLowerCase(Locale.ROOT), each.member(role));
    }
    if (!each.done.isEmpty()) {
      node.put("done", each.done);
    }
    if (!each.facts.isEmpty()) {
      ArrayNode facts = node.putArray("storeFacts");
      for (StoreFact fact : each.facts) {
        ObjectNode said = facts.addObject();
        if (!fact.node().isEmpty()) {
          said.put("node", fact.node());
        }
        said.put("name", fact.name());
        said.put("value", fact.value());
      }
    }
  }

  /** A process; null if there was none yet. */
  private static void fill(ObjectNode node, String name, Member member) {
    if (member.pid == 0) {
      node.putNull(name);
      return;
    }
    ObjectNode process = node.putObject(name);
    process.put("process", member.pid);
    process.put("alive", member.isAlive);
  }
}
