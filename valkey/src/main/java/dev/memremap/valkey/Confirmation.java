// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.pager.store.StoreException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Has replicas have what masters have. Each part's owner of now is asked whether it has what was
 * written: one that was promoted meanwhile may not, and gets it again. That question writes
 * something, too, and a WAIT behind it on the same connection is answered when replicas have all
 * that came before, wherever that was written.
 *
 * <p>Thread safety: {@code turn} lets one thread at a time do it.
 */
final class Confirmation {
  private final Place place;
  private final PageKeys keys;
  private final Attempts attempts;
  private final Lease lease;
  private final Unconfirmed unconfirmed;
  private final Parts parts;
  private final PartWrites writes;
  private final Replicas replicas;
  private final ReentrantLock turn = new ReentrantLock();

  private static final Part NONE = new Part(List.of(), List.of());

  /** Values of pages of one part, at the node that has it. */
  private record Part(List<Long> pages, List<byte[]> values) {
    void add(long page, byte[] value) {
      pages.add(page);
      values.add(value);
    }
  }

  Confirmation(
      Place place,
      PageKeys keys,
      Attempts attempts,
      Lease lease,
      Unconfirmed unconfirmed,
      Parts parts,
      PartWrites writes) {
    this.place = place;
    this.keys = keys;
    this.attempts = attempts;
    this.lease = lease;
    this.unconfirmed = unconfirmed;
    this.parts = parts;
    this.writes = writes;
    this.replicas = new Replicas(place);
  }

  /**
   * Returns when replicas have all that was written before.
   *
   * @throws StoreException if they do not in time
   */
  void all(Deadline deadline) throws StoreException {
    String what = "%s was not flushed".formatted(place);
    if (!deadline.lock(turn)) {
      throw Trouble.exception(what, -1, new TimeoutException());
    }
    try {
      Map<Long, byte[]> values = unconfirmed.written();
      while (!values.isEmpty()) {
        Map<Long, byte[]> left = values;
        values = attempts.repeated(deadline, what, -1, () -> round(left, deadline));
      }
    } finally {
      turn.unlock();
    }
  }

  /** Has replicas have the lease as well, so that one that is promoted knows it. */
  void lease(Deadline deadline) throws StoreException {
    attempts.repeated(
        deadline,
        "%s cannot be opened".formatted(place),
        -1,
        () -> {
          Node node = deadline.await(attempts.nodes().ownerOf(keys.lease()));
          lease.renewed(deadline.await(lease.renewAt(node)));
          replicas.await(node, deadline);
          return node;
        });
  }

  /** Returns what was not there, and was written again. */
  private Map<Long, byte[]> round(Map<Long, byte[]> values, Deadline deadline)
      throws ExecutionException, TimeoutException, StoreException {
    Map<String, Node> nodes = new LinkedHashMap<>();
    Map<String, Map<Long, Part>> byNode = new LinkedHashMap<>();
    for (Map.Entry<Long, byte[]> value : values.entrySet()) {
      long part = keys.part(value.getKey());
      Node node = deadline.await(attempts.nodes().ownerOf(keys.fence(part)));
      nodes.put(node.name(), node);
      byNode
          .computeIfAbsent(node.name(), name -> new LinkedHashMap<>())
          .computeIfAbsent(part, number -> new Part(new ArrayList<>(), new ArrayList<>()))
          .add(value.getKey(), value.getValue());
    }
    Map<Long, byte[]> again = new LinkedHashMap<>();
    for (Map.Entry<String, Node> each : nodes.entrySet()) {
      again.putAll(atNode(each.getValue(), byNode.getOrDefault(each.getKey(), Map.of()), deadline));
    }
    return again;
  }

  private Map<Long, byte[]> atNode(Node node, Map<Long, Part> byPart, Deadline deadline)
      throws ExecutionException, TimeoutException, StoreException {
    Map<Long, CompletionStage<List<Object>>> answers = new LinkedHashMap<>();
    byPart.forEach(
        (number, part) ->
            answers.put(
                number,
                Attempts.run(
                    node.commands(), Script.LOOK, keysOf(number, part), argumentsOf(part))));
    Map<Long, byte[]> there = new LinkedHashMap<>();
    Map<Long, byte[]> again = new LinkedHashMap<>();
    for (Map.Entry<Long, CompletionStage<List<Object>>> each : answers.entrySet()) {
      List<Object> answer = deadline.await(each.getValue());
      long newer = (long) answer.getFirst();
      if (newer != 0) {
        throw lease.lostTo(newer);
      }
      Part part = byPart.getOrDefault(each.getKey(), NONE);
      for (int i = 0; i < part.pages().size(); i++) {
        there.put(part.pages().get(i), part.values().get(i));
      }
      for (Object missing : answer.subList(1, answer.size())) {
        int index = Math.toIntExact((long) missing);
        long page = part.pages().get(index);
        there.remove(page);
        again.put(page, part.values().get(index));
        writes.again(page, part.values().get(index), deadline);
      }
    }
    replicas.await(node, deadline);
    unconfirmed.confirmed(there);
    byPart.keySet().forEach(parts::last);
    return again;
  }

  private List<byte[]> keysOf(long number, Part part) {
    List<byte[]> all = new ArrayList<>();
    all.add(keys.fence(number));
    part.pages().forEach(page -> all.add(keys.page(page)));
    return all;
  }

  private List<byte[]> argumentsOf(Part part) {
    List<byte[]> all = new ArrayList<>();
    all.add(Attempts.bytes(lease.epoch()));
    part.values().forEach(value -> all.add(Arrays.copyOf(value, PageValue.VERSION_BYTES)));
    return all;
  }
}
