// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Each one is told what this test says, and perhaps what happens in other tests' threads. */
class EventCountsTest {
  private static final Duration LONG = Duration.ofHours(1);
  private static final int THREADS = 4;
  private static final int EACH = 50_000;

  private static String read(EventCounts counts, long since) {
    StringBuilder text = new StringBuilder();
    counts.write(text, since);
    return text.toString();
  }

  private static long count(String text, String name) {
    return text.lines()
        .filter(line -> line.startsWith("count\t" + name + "\t"))
        .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf('\t') + 1)))
        .sum();
  }

  /** The numbers of the events, the oldest first. */
  private static List<Long> numbers(String text) {
    return text.lines()
        .filter(line -> line.startsWith("event\t"))
        .map(line -> Long.parseLong(line.split("\t", -1)[1]))
        .toList()
        .reversed();
  }

  @Test
  @DisplayName("threads that are told apart from each other are all counted, and no event twice")
  void threads() throws InterruptedException {
    try (EventCounts counts = new EventCounts(LONG)) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        threads.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      for (int n = 0; n < EACH; n++) {
                        counts.memoryFailure(n, "recovered");
                      }
                    }));
      }
      long last = 0;
      boolean isRunning = true;
      while (isRunning) {
        isRunning = threads.stream().anyMatch(Thread::isAlive);
        String text = read(counts, last);
        for (long number : numbers(text)) {
          assertThat(number).isGreaterThan(last);
          last = number;
        }
        assertThat(count(text, "memory_failures")).isLessThanOrEqualTo((long) THREADS * EACH);
      }
      for (Thread thread : threads) {
        thread.join();
      }
      String text = read(counts, 0);
      assertThat(count(text, "memory_failures")).isEqualTo((long) THREADS * EACH);
      assertThat(numbers(text)).hasSize(50);
      assertThat(numbers(text).getLast() - numbers(text).getFirst()).isEqualTo(49);
      assertThat(last).as("the last one is told").isEqualTo(numbers(text).getLast());
    }
  }

  @Test
  @DisplayName("one that is not read ends when something happens, and says so when it is read")
  void forgotten() {
    EventCounts counts = new EventCounts(Duration.ZERO);
    counts.unmapped(0x1000, 0x1000, "WB");
    assertThatThrownBy(() -> read(counts, 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the watch has ended: something happened while it was not asked");
  }

  @Test
  @DisplayName("words are one line each, whatever a page map is called")
  void words() {
    try (EventCounts counts = new EventCounts(LONG)) {
      counts.pagemap("killed", "a\tmap\n100%d", 3);
      assertThat(read(counts, 0)).contains("a map 100%d killed, references 3\n");
    }
  }
}
