// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

import dev.memremap.benchmarks.Program;
import dev.memremap.benchmarks.Unit;
import dev.memremap.pager.Advice;
import dev.memremap.pager.OnOutage;
import dev.memremap.pager.RemoteMemory;
import dev.memremap.valkey.ValkeyLocation;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * An application whose pages have to be written to a far node: by a flush, or since others come.
 */
public final class FarWrites {
  /** Pages that a flush writes. */
  static final int FLUSHED = 2048;

  /** Pages that a flush writes of which none lie beside each other. */
  static final int SCATTERED = 256;

  /** Where a page has to leave for each that comes, so many threads have faults. */
  static final int[] WRITERS = {1, 16};

  private static final int PAGE = FarApp.PAGE;
  private static final int ROUNDS = 5;
  private static final int WARM_ROUNDS = 4;
  private static final long ROUND_NANOS = 250_000_000;

  /** A quarter is in memory. */
  private static final int SHARE = 4;

  private final PlayedWay way;
  private final int far;
  private final int farMaster;
  private final boolean quick;
  private long count;

  private FarWrites(PlayedWay way, int far, int farMaster, boolean quick) {
    this.way = way;
    this.far = far;
    this.farMaster = farMaster;
    this.quick = quick;
  }

  /**
   * Prints the times.
   *
   * @param words the ports where a node is far away, and a master whose replica is as far from it;
   *     the file that says how far; and {@code quick} or {@code whole}
   */
  public static void main(String... words) throws Exception {
    FarWrites writes =
        new FarWrites(
            PlayedWay.in(Path.of(words[2])),
            Integer.parseInt(words[0]),
            Integer.parseInt(words[1]),
            words[3].equals("quick"));
    writes.flushes(FarApp.location(writes.far), false);
    writes.flushes(FarApp.location(writes.farMaster).replicas(1), true);
    writes.writtenBack();
  }

  private int rounds() {
    return quick ? 1 : ROUNDS;
  }

  private void flushes(ValkeyLocation location, boolean replica) throws Exception {
    way.nanos(0);
    FarApp.fill(location);
    try (RemoteMemory memory = open(location, FarApp.BYTES)) {
      memory.preload(0, (long) FLUSHED * PAGE);
      for (int i = 0; i < (quick ? 0 : WARM_ROUNDS); i++) {
        flush(memory, FLUSHED, 1);
        flush(memory, SCATTERED, 2);
      }
      for (int i = 1; i < FarFigure.TRIPS.length; i++) {
        int micros = FarFigure.TRIPS[i];
        way.nanos(micros * 1000L / 2);
        print(FarFigure.flush(micros, replica), memory, FLUSHED, 1);
        print(FarFigure.scattered(micros, replica), memory, SCATTERED, 2);
      }
      way.nanos(0);
    }
  }

  private void print(String name, RemoteMemory memory, int pages, int stride) throws Exception {
    double least = Double.MAX_VALUE;
    for (int i = 0; i < rounds(); i++) {
      least = Math.min(least, flush(memory, pages, stride));
    }
    Program.print(name, least, Unit.NANOSECONDS);
  }

  private double flush(RemoteMemory memory, int pages, int stride) {
    for (int i = 0; i < pages; i++) {
      memory.segment().set(ValueLayout.JAVA_LONG, (long) i * stride * PAGE + Long.BYTES, ++count);
    }
    long began = System.nanoTime();
    memory.flush();
    return System.nanoTime() - began;
  }

  private static RemoteMemory open(ValkeyLocation location, long resident) {
    RemoteMemory memory =
        RemoteMemory.open(
            location,
            FarApp.BYTES,
            RemoteMemory.resident(resident),
            RemoteMemory.onOutage(OnOutage.WAIT));
    memory.advise(0, memory.byteSize(), Advice.RANDOM);
    return memory;
  }

  private void writtenBack() throws Exception {
    way.nanos(0);
    try (RemoteMemory memory = open(FarApp.location(far), FarApp.BYTES / SHARE)) {
      FarThreads threads = new FarThreads(memory, FarThreads.Touch.WRITE);
      for (int i = 0; i < (quick ? 1 : 2 * WARM_ROUNDS); i++) {
        threads.run(WRITERS[1], 4 * ROUND_NANOS);
      }
      for (int i = 1; i < FarFigure.TRIPS.length; i++) {
        way.nanos(FarFigure.TRIPS[i] * 1000L / 2);
        for (int count : WRITERS) {
          double least = Double.MAX_VALUE;
          for (int round = 0; round < rounds(); round++) {
            least = Math.min(least, threads.run(count, ROUND_NANOS).nanosEach());
          }
          Program.print(FarFigure.written(FarFigure.TRIPS[i], count), least, Unit.NANOSECONDS);
        }
      }
      way.nanos(0);
    }
  }
}
