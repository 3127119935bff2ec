// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey.servers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A master, two replicas, and three Sentinels that watch them, on loopback. */
public final class RunningSentinels implements AutoCloseable {
  /** What the Sentinels call the master. */
  public static final String MASTER = "pages";

  private static final int NODES = 3;
  private static final int SENTINELS = 3;
  private static final int QUORUM = 2;

  private final List<RunningNode> nodes = new ArrayList<>();
  private final List<RunningNode> sentinels = new ArrayList<>();

  private RunningSentinels() {}

  /** Starts them, and returns when all know each other and the replicas are in step. */
  public static RunningSentinels start(Engine engine, Path folder)
      throws IOException, InterruptedException {
    RunningSentinels all = new RunningSentinels();
    try {
      all.run(engine, folder);
      return all;
    } catch (IOException | InterruptedException | RuntimeException e) {
      all.close();
      throw e;
    }
  }

  private void run(Engine engine, Path folder) throws IOException, InterruptedException {
    for (int i = 0; i < NODES; i++) {
      RunningNode node = RunningNode.start(engine, folder);
      nodes.add(node);
      if (i > 0) {
        node.ask("REPLICAOF", "127.0.0.1", "" + nodes.getFirst().port());
      }
    }
    for (RunningNode replica : nodes.subList(1, NODES)) {
      RunningCluster.await(
          () -> replica.ask("INFO", "replication").contains("master_link_status:up"));
    }
    for (int i = 0; i < SENTINELS; i++) {
      RunningNode sentinel = RunningNode.start(engine, folder, "--sentinel");
      sentinels.add(sentinel);
      sentinel.ask(
          "SENTINEL", "MONITOR", MASTER, "127.0.0.1", "" + nodes.getFirst().port(), "" + QUORUM);
      sentinel.ask("SENTINEL", "SET", MASTER, "down-after-milliseconds", "1000");
      sentinel.ask("SENTINEL", "SET", MASTER, "failover-timeout", "3000");
    }
    for (RunningNode sentinel : sentinels) {
      RunningCluster.await(
          () -> {
            String says = sentinel.ask("SENTINEL", "MASTER", MASTER);
            return says.contains("num-slaves\n" + (NODES - 1))
                && says.contains("num-other-sentinels\n" + (SENTINELS - 1));
          });
    }
  }

  /** The node that is the master now. */
  public RunningNode master() throws IOException {
    String port = sentinels.getFirst().ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER);
    int number = Integer.parseInt(port.substring(port.indexOf('\n') + 1));
    return nodes.stream().filter(node -> node.port() == number).findFirst().orElseThrow();
  }

  /** The nodes, in the order of their start. */
  public List<RunningNode> nodes() {
    return List.copyOf(nodes);
  }

  /** Names the Sentinels as a location does. */
  public String hosts() {
    return String.join(",", sentinels.stream().map(RunningNode::address).toList());
  }

  @Override
  public void close() {
    sentinels.forEach(RunningNode::close);
    nodes.forEach(RunningNode::close);
  }
}
