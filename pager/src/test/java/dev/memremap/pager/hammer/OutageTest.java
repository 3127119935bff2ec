// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.hammer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.NeedsUserfaultfd;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an application sees of a store that refuses, or that does not answer at all. */
@NeedsUserfaultfd
@Execution(ExecutionMode.CONCURRENT) // its tests wait for JVMs of their own
class OutageTest {
  @TempDir private Path folder;

  private String run(String which, String kind, String... jvmOptions) throws Exception {
    Path store = folder.resolve("store");
    try (HammeredJvm jvm =
        HammeredJvm.start(
            List.of(jvmOptions), OutageApp.class, which, "toy:" + store, store + "." + kind)) {
      assertThat(jvm.end(120)).as(jvm.said()).isZero();
      assertThat(jvm.said()).contains("closed").doesNotContain("WRONG");
      return jvm.said();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "fails, -Xmx64m",
    "hangs, -Xmx64m",
    "breaks, -Xmx64m",
    "fails, -Xint",
    "fails, -XX:TieredStopAtLevel=1",
    "fails, -XX:-TieredCompilation"
  })
  @DisplayName("Accessors throw with page, store and reason, and the pages are healed in a second")
  void accessors(String kind, String compiled) throws Exception {
    String said = run("accessors", kind, compiled);

    assertThat(said).contains("typed 4", "right", "remote memory of toy:");
    Map<String, String> reasons =
        Map.of(
            "fails", "the toy is broken",
            "hangs", "has not answered",
            "breaks", "the code of toy:%s has failed".formatted(folder.resolve("store")));
    assertThat(said).contains(reasons.get(kind));
    Matcher healed = Pattern.compile("healed after ms ([0-9]+)").matcher(said);
    assertThat(healed.find()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"fails", "hangs"})
  @DisplayName("touch throws, and pins nothing, until the store answers")
  void touch(String kind) throws Exception {
    assertThat(run("touch", kind)).contains("right 0", "remote memory of toy:");
  }

  @ParameterizedTest
  @CsvSource({"fails", "hangs"})
  @DisplayName("With WAIT an access waits until the store answers, and is right")
  void waits(String kind) throws Exception {
    assertThat(run("waits", kind)).contains("right");
  }

  @ParameterizedTest
  @CsvSource({"fails, -Xint", "hangs, -Xint", "fails, -Xmx64m"})
  @DisplayName("A bare segment's access is an InternalError")
  void bare(String kind, String compiled) throws Exception {
    assertThat(run("bare", kind, compiled)).contains("failed 3", "right");
  }

  @Test
  @DisplayName(
      "A store that hangs while it is written to does not keep the application from storing")
  void stores() throws Exception {
    // it would wait for as long as the outage lasts, which ends only after that
    assertThat(run("stores", "hangs")).contains("stored while it hung", "right");
  }

  private String runOfNodes(String which) throws Exception {
    Path store = folder.resolve("nodes");
    try (HammeredJvm jvm =
        HammeredJvm.start(
            List.of("-Xmx64m"), NodeOutageApp.class, which, "toy:" + store, store.toString())) {
      assertThat(jvm.end(120)).as(jvm.said()).isZero();
      return jvm.said();
    }
  }

  @Test
  @DisplayName(
      "A node that does not answer keeps no page of another one from coming, or from making room")
  void otherNodesGoOn() throws Exception {
    assertThat(runOfNodes("goes-on")).contains("right", "still waiting", "closed");
  }

  @Test
  @DisplayName("Pages of a node that is back are healed while another one still does not answer")
  void nodeIsBack() throws Exception {
    assertThat(runOfNodes("heals")).contains("healed 4", "still poisoned 4", "right", "closed");
  }
}
