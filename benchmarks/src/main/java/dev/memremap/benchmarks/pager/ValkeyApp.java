// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

import dev.memremap.benchmarks.Program;
import dev.memremap.benchmarks.Unit;
import dev.memremap.pager.Advice;
import dev.memremap.pager.RemoteMemory;
import dev.memremap.pager.store.PageStore;
import dev.memremap.valkey.ValkeyLocation;
import dev.memremap.valkey.ValkeyStore;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The application whose faults are timed, with its pages in a node of Valkey: one thread, which
 * touches pages that are not in memory, in no order.
 */
public final class ValkeyApp {
  /** Faults served by our pager, over a connection of its own. */
  public static final String OWN = "own";

  /** By our pager, over Lettuce. */
  public static final String LETTUCE = "lettuce";

  /** By a loop in C that asks by GET, and checks nothing. */
  public static final String GET = "get";

  /** By a loop in C that asks for the page and the fence of its part, and checks the page. */
  public static final String MGET = "mget";

  /** Reads of many pages at once, without any faults. */
  public static final String AHEAD = "ahead";

  /** The median of a fault in no order. */
  public static final String FAULT = FaultingApp.FAULT;

  /** A page of a read of 64. */
  public static final String READ = "page of a read of 64";

  /** A page of 64 that are asked for by GETs, sent together. */
  public static final String PIPELINED = "page of 64 GETs";

  /** The prefix that the peer in C knows. */
  private static final String PREFIX = "bench";

  private static final int PAGE = 4096;
  private static final int PAGES = 1 << 14;
  private static final long BYTES = (long) PAGES * PAGE;

  private ValkeyApp() {}

  /**
   * Runs it.
   *
   * @param words the server, a folder, the program in C, the node's port, and {@code quick} or
   *     {@code whole}
   */
  public static void main(String... words) throws Exception {
    Path folder = Path.of(words[1]);
    boolean quick = words[4].equals("quick");
    // node, pager and application take turns on one processor, and the first answers take long
    ValkeyLocation location =
        ValkeyStore.at("valkey://127.0.0.1:" + words[3])
            .keyPrefix(PREFIX)
            .timeout(Duration.ofSeconds(30));
    fill(location);
    switch (words[0]) {
      case OWN, LETTUCE -> ours(location.ownReads(words[0].equals(OWN)), quick);
      case GET, MGET -> inC(words[0], folder, words[2], words[3], quick);
      case AHEAD -> ahead(location, words[3], quick);
      default -> throw new IllegalArgumentException(words[0]);
    }
    // the peers serve until they are killed, and hold this JVM's faults
    Runtime.getRuntime().halt(0);
  }

  private static void fill(ValkeyLocation location) throws Exception {
    try (PageStore store = location.open(PAGES, PAGE);
        Arena arena = Arena.ofConfined()) {
      MemorySegment all = arena.allocate(BYTES, PAGE);
      for (int i = 0; i < PAGES; i++) {
        all.asSlice((long) i * PAGE, PAGE).fill((byte) i);
      }
      // a page of zeros has a value of its own kind, and the peer knows one kind alone
      for (int i = 0; i < PAGES; i += 256) {
        all.set(java.lang.foreign.ValueLayout.JAVA_BYTE, (long) i * PAGE + PAGE - 1, (byte) 1);
      }
      store.write(0, all);
      store.flush();
    }
  }

  private static void ours(ValkeyLocation location, boolean quick) throws Exception {
    try (RemoteMemory memory = RemoteMemory.open(location, BYTES, RemoteMemory.resident(BYTES))) {
      memory.advise(0, memory.byteSize(), Advice.RANDOM);
      new FaultingApp(memory.segment(), () -> FaultingApp.sendOut(memory)).faults(quick);
    }
  }

  private static void inC(String how, Path folder, String program, String port, boolean quick)
      throws Exception {
    FaultingApp.Served served =
        FaultingApp.Served.start(
            folder.resolve("socket"),
            BYTES,
            1,
            (socket, base, ahead) ->
                new ProcessBuilder(
                    program,
                    socket.toString(),
                    Long.toString(base),
                    port,
                    Long.toString(BYTES),
                    Integer.toString(ahead),
                    how));
    new FaultingApp(served.segment(), served::drop).faults(quick);
    served.end();
  }

  private static void ahead(ValkeyLocation location, String port, boolean quick) throws Exception {
    try (PageStore store = location.open(PAGES, PAGE);
        PipelinedGets gets = PipelinedGets.connect(Integer.parseInt(port), PREFIX, PAGES)) {
      Reads reads = new Reads(PAGES, quick);
      double[] best =
          reads.alternating((first, room) -> store.read(first, Reads.AT_ONCE, room), gets::read);
      Program.print(READ, best[0], Unit.NANOSECONDS);
      Program.print(PIPELINED, best[1], Unit.NANOSECONDS);
    }
  }
}
