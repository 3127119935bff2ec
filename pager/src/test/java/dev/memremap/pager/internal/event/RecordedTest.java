// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.pager.NeedsUserfaultfd;
import dev.memremap.pager.RemoteMemory;
import dev.memremap.pager.RemoteMemoryException;
import dev.memremap.pager.internal.process.RunningMemory;
import dev.memremap.pager.internal.state.StateFile.Role;
import dev.memremap.pager.internal.sys.Native;
import dev.memremap.pager.toy.Application;
import dev.memremap.pager.toy.ToyStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a flight recording shows of a remote memory. */
@NeedsUserfaultfd
class RecordedTest {
  private static final int PAGE = 4096;
  private static final long FAR = 200L * PAGE;

  @TempDir private Path folder;
  private final ConcurrentMap<String, BlockingQueue<RecordedEvent>> events =
      new ConcurrentHashMap<>();

  private BlockingQueue<RecordedEvent> of(String name) {
    return events.computeIfAbsent(name, any -> new LinkedBlockingQueue<>());
  }

  /** The next event of that name: an outage may be told before or after the refusal. */
  private RecordedEvent next(String name) throws InterruptedException {
    RecordedEvent event = of("dev.memremap." + name).poll(60, TimeUnit.SECONDS);
    assertThat(event).as("the next %s, of what came: %s", name, events).isNotNull();
    return event;
  }

  @Test
  @DisplayName("a recording has figures each second, takeovers, outages, refusals, and what healed")
  void recorded() throws IOException, InterruptedException {
    Path file = folder.resolve("a");
    Path fails = folder.resolve("a.fails");
    try (RemoteMemory memory =
            RemoteMemory.open(
                new ToyStore.Location(file),
                256L * PAGE,
                RemoteMemory.resident(64L * PAGE),
                RemoteMemory.limit(Duration.ofSeconds(1)));
        RecordingStream stream = new RecordingStream()) {
      stream.setReuse(false);
      for (Class<?> each :
          List.of(
              PagerEvent.class,
              TakeoverEvent.class,
              OutageEvent.class,
              PoisonedEvent.class,
              HealedEvent.class,
              RefusedEvent.class)) {
        stream.enable(each.asSubclass(jdk.jfr.Event.class));
      }
      stream.onEvent(event -> of(event.getEventType().getName()).add(event));
      stream.startAsync();
      memory.putLong(0, 7);
      String store = memory.store().toString();
      assertThat(next("Pager").getString("store")).isEqualTo(store);

      long next = killWorker(store);
      RecordedEvent takeover = next("PagerTakeover");
      assertThat(takeover.getLong("times")).isEqualTo(1);
      assertThat(takeover.getLong("worker")).isEqualTo(next);
      assertThat(takeover.getDuration("took")).isPositive();

      Files.createFile(fails);
      assertThatThrownBy(() -> memory.getLong(FAR)).isInstanceOf(RemoteMemoryException.class);
      RecordedEvent refused = next("RemoteMemoryRefused");
      assertThat(refused.getLong("page")).isEqualTo(FAR / PAGE);
      assertThat(refused.getString("reason")).isEqualTo("the toy is broken");
      assertThat(next("PagerOutage").getLong("times")).isPositive();
      assertThat(next("PagerPoisoned").getLong("pages")).isPositive();
      Files.delete(fails);
      assertThat(next("PagerHealed").getLong("pages")).isPositive();
      assertThat(memory.getLong(FAR)).isZero();
    }
  }

  /** Kills the one that serves, and returns the one that waits. */
  private static long killWorker(String store) throws IOException {
    for (RunningMemory memory : RunningMemory.of(Native.calls(), ProcessHandle.current().pid())) {
      try (memory) {
        if (memory.state().settings().store().toString().equals(store)) {
          while (!memory.lives(Role.STANDBY)) {
            Thread.onSpinWait();
          }
          long standby = memory.state().process(Role.STANDBY);
          ProcessHandle.of(memory.state().process(Role.WORKER)).orElseThrow().destroyForcibly();
          return standby;
        }
      }
    }
    throw new AssertionError("no memory of " + store);
  }

  @Test
  @DisplayName("a program that records nothing loads no class of an event")
  void loadsNothing() throws IOException {
    Path log = folder.resolve("log");
    try (Application.Running application =
        Application.Running.start(
            List.of("env", "JDK_JAVA_OPTIONS=-Xlog:class+load:file=" + log),
            System.getProperty("java.class.path"),
            folder.resolve("b"))) {
      application.tell("close");
      application.answered("close");
    }
    assertThat(Files.readString(log))
        .contains(" dev.memremap.pager.RemoteMemory ")
        .doesNotContain(" dev.memremap.pager.internal.event.PagerEvent ")
        .doesNotContain(" dev.memremap.pager.internal.event.TakeoverEvent ")
        .doesNotContain(" jdk.jfr.internal.MetadataRepository ");
  }
}
