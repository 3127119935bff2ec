// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.watch;

import dev.memremap.internal.event.Probe;
import dev.memremap.internal.event.Tracepoints;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Counts what happens in this JVM since it was made, and keeps the latest. When it is not read any
 * more, it ends by itself.
 *
 * <p>Thread safety: all methods may be called from any thread. No lock is taken, since each thread
 * that maps or frees something comes by here, and words are made when they are read.
 */
final class EventCounts implements Probe, AutoCloseable {
  private static final int KEPT = 50;
  private static final Pattern SEPARATORS = Pattern.compile("\\p{Cntrl}");

  private final Map<String, AtomicLong> counts = new ConcurrentHashMap<>();
  private final AtomicLong last = new AtomicLong();
  private final AtomicReferenceArray<@Nullable Happened> latest = new AtomicReferenceArray<>(KEPT);
  private final long patienceNanos;
  private volatile long read = System.nanoTime();
  private volatile boolean ended;

  /**
   * Begins to count.
   *
   * @param patience ends when something happens and nothing was read for so long
   */
  EventCounts(Duration patience) {
    this.patienceNanos = patience.toNanos();
    Tracepoints.attach(this);
  }

  /** What happened; its number is set before it is published. */
  private static final class Happened {
    private final long millis = System.currentTimeMillis();
    private final String words;
    private final Object[] values;
    private long number;

    Happened(String words, Object... values) {
      this.words = words;
      this.values = values;
    }

    /** A line of an answer. */
    String line() {
      return "event\t%d\t%d\t%s".formatted(number, millis, plain(words.formatted(values)));
    }
  }

  @Override
  public void remapped(long start, long size, String outcome) {
    // an error's name begins with E, and no mode does
    boolean isGranted = !outcome.startsWith("E");
    add(
        isGranted ? "remapped" : "refused",
        isGranted ? "0x%x+0x%x remapped, %s" : "0x%x+0x%x refused, %s",
        start,
        size,
        outcome);
  }

  @Override
  public void unmapped(long start, long size, String mode) {
    add("unmapped", "0x%x+0x%x unmapped, %s", start, size, mode);
  }

  @Override
  public void pagemap(String step, String map, long references) {
    add("pagemaps_" + step, "%s %s, references %d", map, step, references);
  }

  @Override
  public void pageFreed(long pfn, String map) {
    add("pages_freed", "page 0x%x freed, %s", pfn, map);
  }

  @Override
  public void memoryFailure(long pfn, String outcome) {
    add("memory_failures", "memory failure at page 0x%x: %s", pfn, outcome);
  }

  private void add(String name, String words, Object... values) {
    if (System.nanoTime() - read >= patienceNanos) {
      close();
      return;
    }
    counts.computeIfAbsent(name, none -> new AtomicLong()).incrementAndGet();
    Happened what = new Happened(words, values);
    what.number = last.incrementAndGet();
    // a thread that was held up since it took its number must not put an older one back
    latest.accumulateAndGet(slot(what.number), what, EventCounts::newer);
  }

  private static @Nullable Happened newer(@Nullable Happened one, @Nullable Happened other) {
    return one == null || (other != null && other.number > one.number) ? other : one;
  }

  private static int slot(long number) {
    return (int) (number % KEPT);
  }

  /** Words in one line, without what separates them. */
  static String plain(String words) {
    return SEPARATORS.matcher(words).replaceAll(" ");
  }

  /**
   * Writes the counts, and the events after that number, the newest first. What another thread is
   * about to add is left for the next time, and so is what came after it.
   *
   * @throws IllegalStateException if it has ended
   */
  void write(StringBuilder text, long since) {
    read = System.nanoTime();
    if (ended) {
      throw new IllegalStateException(
          "the watch has ended: something happened while it was not asked");
    }
    Happened[] found = new Happened[KEPT];
    int count = 0;
    long newest = last.get();
    for (long number = Math.max(since, newest - KEPT) + 1; number <= newest; number++) {
      Happened what = latest.get(slot(number));
      if (what == null || what.number < number) {
        break;
      }
      if (what.number == number) {
        found[count++] = what;
      }
    }
    new TreeMap<>(counts)
        .forEach((name, total) -> text.append("count\t%s\t%d\n".formatted(name, total.get())));
    Arrays.asList(found)
        .subList(0, count)
        .reversed()
        .forEach(each -> text.append(each.line()).append('\n'));
  }

  @Override
  public void close() {
    ended = true;
    Tracepoints.detach(this);
  }
}
