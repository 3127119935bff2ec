// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

import dev.memremap.benchmarks.Program;
import dev.memremap.benchmarks.Unit;
import dev.memremap.pager.Advice;
import dev.memremap.pager.OnOutage;
import dev.memremap.pager.RemoteMemory;
import dev.memremap.pager.store.PageStore;
import dev.memremap.valkey.ValkeyLocation;
import dev.memremap.valkey.ValkeyStore;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/**
 * An application of one or more threads that touch pages that are not in memory, in no order, while
 * the node that has them is behind a network that is played.
 */
public final class FarApp {
  static final String PREFIX = "bench";
  static final int PAGE = 4096;
  static final int PAGES = 1 << 14;
  static final long BYTES = (long) PAGES * PAGE;

  /** Pages of a part, which is 1 MiB. */
  private static final int PER_PART = 256;

  private static final int WARM_ROUNDS = 12;
  private static final int WARM_THREADS = 16;
  private static final int ROUNDS = 15;
  private static final int QUESTIONS = 4000;
  private static final int WARM_QUESTIONS = 20_000;
  private static final long ROUND_NANOS = 150_000_000;
  private static final long WARM_NANOS = 3_000_000_000L;

  private final int near;
  private final int far;
  private final PlayedWay way;
  private final boolean quick;

  private FarApp(int near, int far, PlayedWay way, boolean quick) {
    this.near = near;
    this.far = far;
    this.way = way;
    this.quick = quick;
  }

  /**
   * Prints the times.
   *
   * @param words the port of the node, the one where it is far away, the file that says how far,
   *     and {@code quick} or {@code whole}
   */
  public static void main(String... words) throws Exception {
    FarApp app =
        new FarApp(
            Integer.parseInt(words[0]),
            Integer.parseInt(words[1]),
            PlayedWay.in(Path.of(words[2])),
            words[3].equals("quick"));
    fill(location(app.near));
    app.questions();
    app.faults(app.near, 0);
    app.faults(app.far, FarFigure.TRIPS[1], FarFigure.TRIPS[2], FarFigure.TRIPS[3]);
  }

  static ValkeyLocation location(int port) {
    // node, pager and application take turns on one processor, and the first answers take long
    return ValkeyStore.at("valkey://127.0.0.1:" + port)
        .keyPrefix(PREFIX)
        .timeout(Duration.ofSeconds(30));
  }

  /** Writes all pages; each has its number's last byte, or 1 more, in all its bytes. */
  static void fill(ValkeyLocation location) throws Exception {
    try (PageStore store = location.open(PAGES, PAGE);
        Arena arena = Arena.ofConfined()) {
      MemorySegment all = arena.allocate(BYTES, PAGE);
      for (int i = 0; i < PAGES; i++) {
        all.asSlice((long) i * PAGE, PAGE).fill((byte) (i | 1));
      }
      store.write(0, all);
      store.flush();
    }
  }

  private void questions() throws IOException {
    try (NodeClient client = NodeClient.connect(near);
        NodeClient through = NodeClient.connect(far)) {
      median(client, quick ? 1 : WARM_QUESTIONS);
      Program.print(FarFigure.question(0), median(client, QUESTIONS), Unit.NANOSECONDS);
      way.nanos(0);
      median(through, quick ? 1 : WARM_QUESTIONS);
      for (int i = 1; i < FarFigure.TRIPS.length; i++) {
        int micros = FarFigure.TRIPS[i];
        way.nanos(micros * 1000L / 2);
        int asked = quick ? 10 : Math.max(200, QUESTIONS * 100 / micros);
        Program.print(FarFigure.question(micros), median(through, asked), Unit.NANOSECONDS);
      }
    }
  }

  private static double median(NodeClient client, int count) throws IOException {
    long[] took = new long[count];
    for (int i = 0; i < count; i++) {
      int page = i * FarThreads.ODD & PAGES - 1;
      took[i] = client.page(NodeClient.pageQuestion(PREFIX, page, PER_PART));
    }
    Arrays.sort(took);
    return took[count / 2];
  }

  /** Faults of one memory at each distance: its worker is compiled once, at none. */
  private void faults(int port, int... trips) throws Exception {
    way.nanos(0);
    try (RemoteMemory memory =
            RemoteMemory.open(
                location(port),
                BYTES,
                RemoteMemory.resident(BYTES),
                RemoteMemory.onOutage(OnOutage.WAIT));
        NodeClient client = NodeClient.connect(near)) {
      memory.advise(0, memory.byteSize(), Advice.RANDOM);
      FarThreads threads = new FarThreads(memory, FarThreads.Touch.READ);
      for (int i = 0; i < (quick ? 0 : WARM_ROUNDS); i++) {
        threads.run(i % 2 == 0 ? WARM_THREADS : 1, WARM_NANOS);
      }
      for (int micros : trips) {
        for (int count : FarFigure.THREADS) {
          way.nanos(micros * 1000L / 2);
          figures(client, threads, micros, count);
        }
      }
      way.nanos(0);
    }
  }

  private void figures(NodeClient client, FarThreads threads, int micros, int count)
      throws Exception {
    int rounds = quick ? 1 : ROUNDS;
    double[] fault = new double[rounds];
    double[] each = new double[rounds];
    double[] node = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      double before = client.processorNanos();
      FarThreads.Round round = threads.run(count, ROUND_NANOS);
      node[i] = (client.processorNanos() - before) / round.faults();
      fault[i] = round.median();
      each[i] = round.nanosEach();
    }
    Program.print(FarFigure.fault(micros, count), least(fault), Unit.NANOSECONDS);
    Program.print(FarFigure.each(micros, count), least(each), Unit.NANOSECONDS);
    Program.print(FarFigure.node(micros, count), least(node), Unit.NANOSECONDS);
  }

  /** Other programs of this computer add to what is measured, and take nothing away. */
  private static double least(double... of) {
    return Arrays.stream(of).min().orElseThrow();
  }
}
