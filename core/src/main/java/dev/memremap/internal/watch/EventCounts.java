// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.watch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import jdk.jfr.Recording;
import jdk.jfr.consumer.EventStream;
import jdk.jfr.consumer.RecordedEvent;

/**
 * Counts the events of this JVM's flight recorder since it was made, and keeps the latest.
 *
 * <p>Thread safety: {@code this} guards the counts and the events; the recorder's thread adds to
 * them.
 */
final class EventCounts implements AutoCloseable {
  private static final int KEPT = 50;
  private static final Pattern SEPARATORS = Pattern.compile("\\p{Cntrl}");

  private final Recording recording = new Recording();
  private final EventStream stream;
  private final Map<String, Long> counts = new TreeMap<>();
  private final Deque<String> latest = new ArrayDeque<>();
  private long number;

  /**
   * Begins to count.
   *
   * @param whenFlushed is called again and again while it counts
   */
  EventCounts(Runnable whenFlushed) {
    recording.setMaxAge(Duration.ofSeconds(10));
    recording.start();
    try {
      stream = EventStream.openRepository();
    } catch (IOException e) {
      recording.close();
      throw new UncheckedIOException("the flight recorder's files cannot be read", e);
    }
    stream.setStartTime(recording.getStartTime());
    stream.setReuse(true);
    count("Remap", event -> isGranted(event) ? "remapped" : "refused", EventCounts::remap);
    count("Unmap", event -> "unmapped", event -> range(event) + " unmapped, " + of(event, "mode"));
    count(
        "Pagemap",
        event -> "pagemaps_" + of(event, "step"),
        event ->
            "%s %s, references %d"
                .formatted(of(event, "map"), of(event, "step"), event.getLong("references")));
    count(
        "PageFreed",
        event -> "pages_freed",
        event -> "page 0x%x freed, %s".formatted(event.getLong("pfn"), of(event, "map")));
    count(
        "MemoryFailure",
        event -> "memory_failures",
        event ->
            "memory failure at page 0x%x: %s"
                .formatted(event.getLong("pfn"), of(event, "outcome")));
    stream.onFlush(whenFlushed);
    // a RecordingStream's own thread would keep this JVM alive
    Thread reader = new Thread(stream::start, "memremap watch");
    reader.setDaemon(true);
    reader.start();
  }

  private void count(
      String event, Function<RecordedEvent, String> name, Function<RecordedEvent, String> words) {
    String full = "dev.memremap." + event;
    recording.enable(full).withoutStackTrace();
    stream.onEvent(
        full, seen -> add(name.apply(seen), seen.getEndTime().toEpochMilli(), words.apply(seen)));
  }

  private synchronized void add(String name, long millis, String words) {
    counts.merge(name, 1L, Long::sum);
    number++;
    latest.addFirst("event\t%d\t%d\t%s".formatted(number, millis, plain(words)));
    if (latest.size() > KEPT) {
      latest.removeLast();
    }
  }

  private static boolean isGranted(RecordedEvent event) {
    // an error's name begins with E, and no mode does
    return !of(event, "outcome").startsWith("E");
  }

  private static String remap(RecordedEvent event) {
    return "%s %s %s"
        .formatted(range(event), isGranted(event) ? "remapped," : "refused,", of(event, "outcome"));
  }

  private static String range(RecordedEvent event) {
    return "0x%x+0x%x".formatted(event.getLong("start"), event.getLong("size"));
  }

  private static String of(RecordedEvent event, String field) {
    return String.valueOf(event.getString(field));
  }

  /** Words in one line, without what separates them. */
  static String plain(String words) {
    return SEPARATORS.matcher(words).replaceAll(" ");
  }

  /** Writes the counts, and the events after that number. */
  synchronized void write(StringBuilder text, long since) {
    counts.forEach((name, count) -> text.append("count\t%s\t%d%n".formatted(name, count)));
    long left = number - since;
    for (String event : latest) {
      if (left-- <= 0) {
        break;
      }
      text.append(event).append('\n');
    }
  }

  @Override
  public void close() {
    stream.close();
    recording.close();
  }
}
