// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.pager.store.NodeFigures;
import dev.memremap.pager.store.StoreFact;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is known of the nodes: which slots each master has, how far its replicas are behind it, and
 * what last went wrong there and what it did. It waits for none: masters are asked, and what they
 * answered last is returned.
 *
 * <p>Thread safety: both maps are concurrent.
 */
final class NodeFacts {
  private static final Pattern REPLICA =
      Pattern.compile(
          "slave\\d+:ip=([^,]*),port=(\\d+),state=([^,]*),offset=(\\d+),lag=(-?\\d+).*");
  private static final Pattern OFFSET = Pattern.compile("master_repl_offset:(\\d+)");

  private static final double NANOS_PER_MILLI = 1e6;

  private final Nodes nodes;
  private final Troubles troubles;
  private final Map<String, List<StoreFact>> replicas = new ConcurrentHashMap<>();
  private final Map<String, Boolean> asked = new ConcurrentHashMap<>();

  NodeFacts(Nodes nodes, Troubles troubles) {
    this.nodes = nodes;
    this.troubles = troubles;
  }

  /** What is known now. */
  List<StoreFact> known() {
    Map<String, String> masters = nodes.masters();
    Map<String, String> wrong = new HashMap<>(troubles.byNode());
    List<StoreFact> facts = new ArrayList<>();
    masters.forEach(
        (name, slots) -> {
          facts.add(new StoreFact(name, "slots", slots.isEmpty() ? "all" : slots));
          ask(name);
          facts.addAll(replicas.getOrDefault(name, List.of()));
          String last = wrong.remove(name);
          facts.add(new StoreFact(name, "last trouble", last == null ? "none" : last));
        });
    wrong.forEach((name, last) -> facts.add(new StoreFact(name, "last trouble", last)));
    troubles.counts().figures().forEach(each -> facts.add(did(each)));
    return facts;
  }

  private static StoreFact did(NodeFigures node) {
    return new StoreFact(
        node.node(),
        "pages",
        "%,d read, the longest in %s ms; %,d written, the longest in %s ms; %,d refusals, %,d outages"
            .formatted(
                node.pagesRead(),
                millis(node.longestReadNanos()),
                node.pagesWritten(),
                millis(node.longestWriteNanos()),
                node.refusals(),
                node.outages()));
  }

  private static String millis(long nanos) {
    return "%,.3f".formatted(nanos / NANOS_PER_MILLI);
  }

  /** Asks a master, unless it has not answered yet. */
  @SuppressWarnings("FutureReturnValueIgnored") // what it answers is kept
  private void ask(String name) {
    if (asked.putIfAbsent(name, true) != null) {
      return;
    }
    nodes
        .info(name, "replication")
        .whenComplete(
            (text, failure) -> {
              if (failure == null) {
                replicas.put(name, read(name, text));
              } else {
                replicas.remove(name);
              }
              asked.remove(name);
            });
  }

  /** Reads what {@code INFO replication} says. */
  static List<StoreFact> read(String name, String text) {
    List<StoreFact> facts = new ArrayList<>();
    long offset = 0;
    for (String line : text.lines().toList()) {
      Matcher found = OFFSET.matcher(line);
      offset = found.matches() ? Long.parseLong(found.group(1)) : offset;
    }
    for (String line : text.lines().toList()) {
      Matcher found = REPLICA.matcher(line);
      if (found.matches()) {
        long behind = Math.max(0, offset - Long.parseLong(found.group(4)));
        facts.add(
            new StoreFact(
                name,
                "replica",
                "%s:%s is %s, %,d bytes behind, heard of %s s ago"
                    .formatted(
                        found.group(1), found.group(2), found.group(3), behind, found.group(5))));
      }
    }
    return facts;
  }
}
