// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.state.Settings;
import dev.memremap.pager.internal.state.StateFile.Phase;
import dev.memremap.pager.internal.state.StateFile.Role;
import dev.memremap.pager.store.StoreFact;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Remote memories as users see them. */
class PagerViewTest {

  /** Each figure is another one, and one of a second memory is larger by 1000. */
  private static PagerView.Seen seen(
      int more, boolean poisons, PagerView.Member worker, String done) {
    Map<Counter, Long> counters = new EnumMap<>(Counter.class);
    for (Counter each : Counter.values()) {
      counters.put(each, 11L * (each.ordinal() + 1) + more);
    }
    counters.put(Counter.LONGEST_STALL, 1_234_567L + more);
    counters.put(Counter.LAST_TAKEOVER, 89_000_000L + more);
    Settings settings =
        new Settings(
            URI.create("file:/data/index-" + more),
            (64L << 30) + more * 4096L,
            4096,
            (256L << 20) + more * 4096L,
            Duration.ofMillis(2500 + more),
            poisons,
            false,
            Path.of("/tmp/memremap-pager-1"),
            "a.jar",
            "Worker",
            77);
    return new PagerView.Seen(
        new PagerView.Member(4001 + more, more == 0),
        more == 0 ? Phase.OPEN : Phase.OPENING,
        settings,
        counters,
        Map.of(
            Role.WORKER, worker,
            Role.GUARDIAN, new PagerView.Member(4003 + more, worker.isAlive()),
            Role.STANDBY, new PagerView.Member(0, false)),
        done,
        more == 0
            ? List.of(
                StoreFact.of("kind", "a cluster"),
                new StoreFact("127.0.0.1:7001", "slots", "0-5460"))
            : List.of());
  }

  private static PagerView view() {
    return new PagerView(
        "status",
        List.of(
            seen(0, true, new PagerView.Member(4002, true), ""),
            seen(1000, false, new PagerView.Member(5002, false), "")));
  }

  @Test
  @DisplayName("status lists what a memory holds and has done, and which of its processes live")
  void lines() {
    Golden.check("pager.txt", String.join("\n", view().lines()) + "\n");
  }

  @Test
  @DisplayName("status --json says the same")
  void json() {
    Schemas.check(view().toJson());
    Golden.check("pager.json", view().toJson() + "\n");
  }

  @Test
  @DisplayName("what was done stands behind the memory that it was done to")
  void done() {
    PagerView view =
        new PagerView(
            "flush", List.of(seen(0, true, new PagerView.Member(4002, true), "it was flushed")));
    assertThat(view.lines())
        .containsExactly("process 4001, remote memory of file:/data/index-0: it was flushed");
    Schemas.check(view.toJson());
    assertThat(view.toJson()).contains("\"done\" : \"it was flushed\"");
  }

  @Test
  @DisplayName("milliseconds have separators, with and without a fraction")
  void separators() {
    PagerView.Seen seen = seen(0, true, new PagerView.Member(4002, true), "");
    seen.counters().put(Counter.LONGEST_STALL, 2_452_247_001L);
    assertThat(new PagerView("status", List.of(seen)).lines())
        .anyMatch(line -> line.endsWith("; the longest took 2,452.247 ms"));
  }

  @Test
  @DisplayName("a memory that is served by no process says how that is mended")
  void lost() {
    PagerView view =
        new PagerView("status", List.of(seen(0, true, new PagerView.Member(4002, false), "")));
    assertThat(view.lines())
        .contains("  worker     gone (it was process 4002)")
        .last()
        .isEqualTo(
            "  to do      memremap pager adopt 4001; until then each missing page is waited for");
  }

  @Test
  @DisplayName("without a memory there is one sentence, and an empty list")
  void none() {
    PagerView none = new PagerView("status", List.of());
    assertThat(none.lines())
        .containsExactly("no program of yours has a remote memory; root sees those of all users");
    Schemas.check(none.toJson());
  }
}
