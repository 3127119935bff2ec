// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey.servers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Three masters with a replica each, on loopback. A failover takes three to four seconds. */
public final class RunningCluster implements AutoCloseable {
  private static final int NODES = 6;
  private static final int PATIENCE_MILLIS = 30_000;

  /** The digest of a node's keys is a command for debugging. */
  private static final String[] OPTIONS = {
    "--cluster-enabled", "yes",
    "--cluster-node-timeout", "2000",
    "--appendonly", "no",
    "--enable-debug-command", "local"
  };

  private final Engine engine;
  private final List<RunningNode> nodes;

  private RunningCluster(Engine engine, List<RunningNode> nodes) {
    this.engine = engine;
    this.nodes = nodes;
  }

  /**
   * Starts one, and returns when its replicas are in step.
   *
   * @param more options of each node
   */
  public static RunningCluster start(Engine engine, Path folder, String... more)
      throws IOException, InterruptedException {
    List<RunningNode> nodes = new ArrayList<>();
    RunningCluster cluster = new RunningCluster(engine, nodes);
    try {
      for (int i = 0; i < NODES; i++) {
        nodes.add(
            RunningNode.start(
                engine,
                folder,
                Stream.concat(Stream.of(OPTIONS), Stream.of(more)).toArray(String[]::new)));
      }
      cluster.create();
      cluster.awaitInStep();
      return cluster;
    } catch (IOException | InterruptedException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private void create() throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of("create"));
    nodes.forEach(node -> line.add(node.address()));
    line.addAll(List.of("--cluster-replicas", "1", "--cluster-yes"));
    run(line);
  }

  /** Has the engine's client do something to the cluster, as an operator does. */
  private void run(List<String> words) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of(engine.client().toString(), "--cluster"));
    line.addAll(words);
    ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
    builder.environment().put("LD_LIBRARY_PATH", engine.libraries());
    Process process = builder.start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("%s failed: %s".formatted(words, said));
    }
  }

  /** Moves slots with their keys; returns when they are there. */
  public void move(RunningNode from, RunningNode to, int slots)
      throws IOException, InterruptedException {
    move(from.ask("CLUSTER", "MYID"), to, slots);
  }

  private void move(String from, RunningNode to, int slots)
      throws IOException, InterruptedException {
    run(
        List.of(
            "reshard",
            to.address(),
            "--cluster-from",
            from,
            "--cluster-to",
            to.ask("CLUSTER", "MYID"),
            "--cluster-slots",
            "" + slots,
            "--cluster-yes"));
  }

  /** Adds a master, and moves slots to it from each other one. */
  public void add(Path folder, int slots) throws IOException, InterruptedException {
    RunningNode first = masters().getFirst();
    RunningNode added = RunningNode.start(engine, folder, OPTIONS);
    nodes.add(added);
    run(List.of("add-node", added.address(), first.address()));
    String id = added.ask("CLUSTER", "MYID");
    for (RunningNode node : nodes) {
      await(() -> node.ask("CLUSTER", "NODES").contains(id));
    }
    move("all", added, slots);
  }

  /** Returns when each node sees the cluster whole and each replica has its master's keys. */
  public void awaitInStep() throws IOException, InterruptedException {
    for (RunningNode node : nodes) {
      if (node.isAlive()) {
        await(() -> node.ask("CLUSTER", "INFO").contains("cluster_state:ok"));
        await(
            () -> {
              String says = node.ask("INFO", "replication");
              return says.contains("role:master") || says.contains("master_link_status:up");
            });
      }
    }
  }

  /** What comes true some time. */
  public interface Condition {
    boolean isTrue() throws IOException;
  }

  /** Waits for something. */
  public static void await(Condition condition) throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
    while (!condition.isTrue()) {
      if (System.nanoTime() > end) {
        throw new IOException("it did not come true within %d ms".formatted(PATIENCE_MILLIS));
      }
      Thread.sleep(20);
    }
  }

  /** All nodes, also those that were killed. */
  public List<RunningNode> nodes() {
    return List.copyOf(nodes);
  }

  /** The living nodes that say they are masters. */
  public List<RunningNode> masters() throws IOException {
    return living("role:master");
  }

  /** The living nodes that say they are replicas. */
  public List<RunningNode> replicas() throws IOException {
    return living("role:slave");
  }

  /** The living replicas of a master. */
  public List<RunningNode> replicasOf(RunningNode master) throws IOException {
    String name = master.ask("CLUSTER", "MYID");
    List<RunningNode> its = new ArrayList<>();
    for (RunningNode replica : replicas()) {
      if (myself(replica).split(" ", 5)[3].equals(name)) {
        its.add(replica);
      }
    }
    return its;
  }

  private List<RunningNode> living(String role) throws IOException {
    List<RunningNode> living = new ArrayList<>();
    for (RunningNode node : nodes) {
      if (node.isAlive() && node.ask("INFO", "replication").contains(role)) {
        living.add(node);
      }
    }
    return living;
  }

  /** What the keys and values of masters and their replicas come to, by the master's name. */
  public Map<String, Set<String>> digests() throws IOException {
    Map<String, Set<String>> digests = new HashMap<>();
    for (RunningNode node : nodes) {
      if (node.isAlive()) {
        String[] myself = myself(node).split(" ", 5);
        String master = myself[3].equals("-") ? myself[0] : myself[3];
        digests.computeIfAbsent(master, name -> new HashSet<>()).add(node.ask("DEBUG", "DIGEST"));
      }
    }
    return digests;
  }

  private static String myself(RunningNode node) throws IOException {
    return node.ask("CLUSTER", "NODES")
        .lines()
        .filter(line -> line.contains("myself"))
        .findFirst()
        .orElseThrow();
  }

  /** Names the cluster as a location does. */
  public String hosts() {
    return String.join(",", nodes.stream().map(RunningNode::address).toList());
  }

  @Override
  public void close() {
    nodes.forEach(RunningNode::close);
  }
}
