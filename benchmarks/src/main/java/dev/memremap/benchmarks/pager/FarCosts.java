// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

import dev.memremap.benchmarks.Program;
import dev.memremap.benchmarks.Unit;
import dev.memremap.pager.store.PageStore;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What a page costs nodes: memory, and processor time of a master and of its replica. */
public final class FarCosts {
  static final String MEMORY = "memory of a node for a page";
  static final String READ = "node's processor for a page, read alone";
  static final String READ_MANY = "node's processor for a page of 64 that are read";
  static final String WRITE = "node's processor for a page, written alone";
  static final String WRITE_MANY = "node's processor for a page of 64 that are written";
  static final String REPLICATED = "master's processor for a page, written alone";
  static final String REPLICATED_MANY = "master's processor for a page of 64 that are written";
  static final String REPLICA = "replica's processor for a page, written alone";
  static final String REPLICA_MANY = "replica's processor for a page of 64 that are written";

  private static final int PAGE = FarApp.PAGE;
  private static final int PAGES = FarApp.PAGES;
  private static final int RUN = 64;
  private static final int ALONE = 1 << 12;
  private static final int ROUNDS = 3;

  private final PageStore store;
  private final MemorySegment room;
  private final int rounds;

  private FarCosts(PageStore store, MemorySegment room, int rounds) {
    this.store = store;
    this.room = room;
    this.rounds = rounds;
  }

  /** What is done to pages. */
  private interface Step {
    void run() throws Exception;
  }

  /**
   * Prints them.
   *
   * @param words the ports of a node alone, of a master, and of its replica, and {@code quick} or
   *     {@code whole}
   */
  public static void main(String... words) throws Exception {
    int alone = Integer.parseInt(words[0]);
    int master = Integer.parseInt(words[1]);
    int rounds = words[3].equals("quick") ? 1 : ROUNDS;
    try (NodeClient node = NodeClient.connect(alone);
        NodeClient first = NodeClient.connect(master);
        NodeClient second = NodeClient.connect(Integer.parseInt(words[2]))) {
      double empty = node.memoryBytes();
      FarApp.fill(FarApp.location(alone));
      Program.print(MEMORY, (node.memoryBytes() - empty) / PAGES, Unit.BYTES);
      try (PageStore store = FarApp.location(alone).open(PAGES, PAGE);
          Arena arena = Arena.ofConfined()) {
        FarCosts costs = new FarCosts(store, arena.allocate((long) RUN * PAGE, PAGE), rounds);
        print(READ, costs.least(ALONE, costs::readAlone, node));
        print(READ_MANY, costs.least(PAGES, costs::readMany, node));
        print(WRITE, costs.least(ALONE, costs::writeAlone, node));
        print(WRITE_MANY, costs.least(PAGES, costs::writeMany, node));
      }
      awaitReplica(first);
      try (PageStore store = FarApp.location(master).replicas(1).open(PAGES, PAGE);
          Arena arena = Arena.ofConfined()) {
        FarCosts costs = new FarCosts(store, arena.allocate((long) RUN * PAGE, PAGE), rounds);
        double[] lone = costs.least(ALONE, costs::writeAlone, first, second);
        print(REPLICATED, lone[0]);
        print(REPLICA, lone[1]);
        double[] many = costs.least(PAGES, costs::writeMany, first, second);
        print(REPLICATED_MANY, many[0]);
        print(REPLICA_MANY, many[1]);
      }
    }
  }

  private static void awaitReplica(NodeClient master) throws IOException, InterruptedException {
    while (!master.hasReplica()) {
      Thread.sleep(50);
    }
  }

  private static void print(String name, double... nanos) {
    Program.print(name, nanos[0], Unit.NANOSECONDS);
  }

  /** Processor time of nodes for one of so many pages, of the round in which each took least. */
  private double[] least(int pages, Step step, NodeClient... nodes) throws Exception {
    double[] least = new double[nodes.length];
    for (int round = -1; round < rounds; round++) {
      double[] before = new double[nodes.length];
      for (int i = 0; i < nodes.length; i++) {
        before[i] = nodes[i].processorNanos();
      }
      step.run();
      for (int i = 0; i < nodes.length; i++) {
        double each = (nodes[i].processorNanos() - before[i]) / pages;
        least[i] = round <= 0 ? each : Math.min(least[i], each);
      }
    }
    return least;
  }

  private void readAlone() throws Exception {
    MemorySegment one = room.asSlice(0, PAGE);
    for (int i = 0; i < ALONE; i++) {
      store.read(i * FarThreads.ODD & PAGES - 1, 1, one);
    }
  }

  private void readMany() throws Exception {
    for (int page = 0; page < PAGES; page += RUN) {
      store.read(page, RUN, room);
    }
  }

  private void writeAlone() throws Exception {
    MemorySegment one = room.asSlice(0, PAGE);
    one.fill((byte) 1);
    for (int i = 0; i < ALONE; i++) {
      store.write(i * FarThreads.ODD & PAGES - 1, one);
    }
    store.flush();
  }

  private void writeMany() throws Exception {
    room.fill((byte) 1);
    for (int page = 0; page < PAGES; page += RUN) {
      store.write(page, room);
    }
    store.flush();
  }
}
