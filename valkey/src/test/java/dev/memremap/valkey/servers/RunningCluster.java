// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey.servers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Three masters with a replica each, on loopback. A failover takes three to four seconds. */
public final class RunningCluster implements AutoCloseable {
  private static final int NODES = 6;
  private static final int PATIENCE_MILLIS = 30_000;

  private final List<RunningNode> nodes;

  private RunningCluster(List<RunningNode> nodes) {
    this.nodes = nodes;
  }

  /** Starts one, and returns when its replicas are in step. */
  public static RunningCluster start(Engine engine, Path folder)
      throws IOException, InterruptedException {
    List<RunningNode> nodes = new ArrayList<>();
    RunningCluster cluster = new RunningCluster(nodes);
    try {
      for (int i = 0; i < NODES; i++) {
        nodes.add(
            RunningNode.start(
                engine,
                folder,
                "--cluster-enabled",
                "yes",
                "--cluster-node-timeout",
                "2000",
                "--appendonly",
                "no"));
      }
      cluster.create(engine);
      cluster.awaitInStep();
      return cluster;
    } catch (IOException | InterruptedException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private void create(Engine engine) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of(engine.client().toString(), "--cluster", "create"));
    nodes.forEach(node -> line.add(node.address()));
    line.addAll(List.of("--cluster-replicas", "1", "--cluster-yes"));
    ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
    builder.environment().put("LD_LIBRARY_PATH", engine.libraries());
    Process process = builder.start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("no cluster was made: " + said);
    }
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
    List<RunningNode> masters = new ArrayList<>();
    for (RunningNode node : nodes) {
      if (node.isAlive() && node.ask("INFO", "replication").contains("role:master")) {
        masters.add(node);
      }
    }
    return masters;
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
