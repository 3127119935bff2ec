// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import dev.memremap.vectors.VectorRow;
import dev.memremap.vectors.VectorRows;
import dev.memremap.vectors.VectorRun;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rows of percpu_ref: operations one after the other, some on threads of their own. */
class PercpuRefVectorTest {
  @RegisterExtension static final VectorRun RUN = VectorRun.of("PR");

  private static final Pattern COUNTED =
      Pattern.compile("(get|put)(?: (?:cpu(\\d) )?x?(\\d+))?(?: on cpu(\\d))?(?: \\(map\\))?");

  static Stream<VectorRow> rows() {
    return VectorRows.withPrefix("PR");
  }

  @ParameterizedTest
  @MethodSource("rows")
  @DisplayName("PR-1 to PR-14: a reference counts, switches and releases as the row says")
  void row(VectorRow row) throws InterruptedException {
    Play play = new Play(flags(row));
    String program =
        row.input()
            .replace("put the initial reference without kill", "put")
            .replace("init atomic; ", "")
            .replace("resurrect a live ref", "resurrect")
            .replace(" then release order", "; put")
            .replace(" (atomic forced stays atomic)", "")
            .replace(" (second waits for the first switch)", "")
            .replace(", ", "; ");
    for (String step : program.split("; ", -1)) {
      play.step(step);
    }
    RUN.check(row, play.answer());
  }

  private static PercpuRef.Flag[] flags(VectorRow row) {
    List<PercpuRef.Flag> flags = new ArrayList<>();
    Matcher setup = Pattern.compile("flags=([0AD])").matcher(row.setup());
    if (!setup.find()) {
      throw new AssertionError("no flags in " + row);
    }
    switch (setup.group(1)) {
      case "A" -> flags.add(PercpuRef.Flag.INIT_ATOMIC);
      case "D" -> flags.add(PercpuRef.Flag.INIT_DEAD);
      default -> {}
    }
    if (row.input().startsWith("init atomic") && flags.isEmpty()) {
      flags.add(PercpuRef.Flag.INIT_ATOMIC);
    }
    if (row.version().contains("ALLOW_REINIT")) {
      flags.add(PercpuRef.Flag.ALLOW_REINIT);
    }
    return flags.toArray(PercpuRef.Flag[]::new);
  }

  /** A reference, and the log of what was called back or refused. */
  private static final class Play {
    private final List<String> log = new ArrayList<>();
    private final List<String> tries = new ArrayList<>();
    private final PercpuRef ref;

    Play(PercpuRef.Flag... flags) {
      ref = PercpuRef.init(() -> log.add("release"), flags);
    }

    void step(String step) throws InterruptedException {
      Matcher counted = COUNTED.matcher(step);
      if (counted.matches()) {
        long n = counted.group(3) == null ? 1 : Long.parseLong(counted.group(3));
        Runnable change =
            counted.group(1).equals("get") ? () -> ref.getMany(n) : () -> ref.putMany(n);
        Thread cpu = Thread.ofPlatform().start(() -> attempt(change));
        cpu.join();
        return;
      }
      switch (step) {
        // every switch is complete when it returns, so a grace period changes nothing
        case "init", "rcu" -> {}
        case "kill" -> attempt(ref::kill);
        case "kill(confirm)" -> attempt(() -> ref.killAndConfirm(() -> log.add("confirm")));
        case "tryget" -> tries.add(ref.tryGet() ? "1" : "0");
        case "tryget_live" -> tries.add(ref.tryGetLive() ? "1" : "0");
        case "reinit" -> attempt(ref::reinit);
        case "resurrect" -> attempt(ref::resurrect);
        case "switch_to_atomic" -> attempt(ref::switchToAtomic);
        case "switch_to_atomic(confirm)" ->
            attempt(() -> ref.switchToAtomic(() -> log.add("confirm")));
        case "switch_to_percpu" -> attempt(ref::switchToPercpu);
        default -> throw new AssertionError("what is '%s'?".formatted(step));
      }
    }

    private void attempt(Runnable change) {
      try {
        change.run();
      } catch (IllegalStateException misuse) {
        log.add("refused");
      }
    }

    String answer() {
      String mode = (ref.isAtomic() ? "atomic" : "percpu") + (ref.isDying() ? " dead" : "");
      String tried = tries.isEmpty() ? "" : " tries=" + String.join(",", tries);
      return "value=%d mode=%s log=[%s]%s"
          .formatted(ref.references(), mode, String.join(",", log), tried);
    }
  }
}
