// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static dev.memremap.cli.CommandRun.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.NeedsUserfaultfd;
import dev.memremap.pager.ProcessEnd;
import dev.memremap.pager.internal.process.RunningMemory;
import dev.memremap.pager.internal.state.StateFile.Role;
import dev.memremap.pager.internal.sys.Native;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Remote memories of a running program, asked for and served from outside. */
@NeedsUserfaultfd
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PagerCommandTest {
  private Path first = Path.of("a");
  private Path second = Path.of("b");
  private RemoteProgram program = null;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    first = folder.resolve("a");
    second = folder.resolve("b");
    program = RemoteProgram.start(first, second);
  }

  @AfterAll
  void end() {
    program.close();
  }

  private CommandRun pager(String line) {
    return run(
        ("pager " + line)
            .replace("PID", "" + program.pid())
            .replace("FIRST", first.toUri().toString())
            .split(" "));
  }

  private static JsonNode one(CommandRun run) {
    assertThat(run.status()).as(run.err()).isZero();
    JsonNode memories = run.json().get("memories");
    assertThat(memories).hasSize(1);
    return memories.get(0);
  }

  private String uri(Path store) {
    return one(pager("status PID --json --store " + store(store))).get("store").asString();
  }

  /** As the program names it. */
  private String store(Path file) {
    List<String> stores = new ArrayList<>();
    try {
      for (RunningMemory memory : RunningMemory.of(Native.calls(), program.pid())) {
        try (memory) {
          stores.add(memory.state().settings().store().toString());
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return stores.stream().filter(each -> each.endsWith(file.toString())).findFirst().orElseThrow();
  }

  @Test
  @DisplayName("status shows both memories of a program, whole, and as JSON one of them")
  void status() {
    CommandRun text = pager("status PID");
    assertThat(text.status()).isZero();
    assertThat(text.lines())
        .contains(
            "process %d, remote memory of %s".formatted(program.pid(), store(first)),
            "process %d, remote memory of %s".formatted(program.pid(), store(second)),
            "  size       1M, 256 pages of 4K")
        .anyMatch(line -> line.matches("  worker     process [0-9]+"))
        .contains("  store      kind: a file, " + first)
        .anyMatch(line -> line.matches("  store      lease: epoch [0-9]+, process [0-9]+"))
        .anyMatch(
            line ->
                line.matches("  store      not lasting yet: [0-9]+ writes since the last flush"));
    JsonNode seen = one(pager("status PID --json --store " + store(second)));
    assertThat(seen.at("/application/process").asLong()).isEqualTo(program.pid());
    assertThat(seen.at("/application/alive").asBoolean()).isTrue();
    assertThat(seen.at("/worker/alive").asBoolean()).isTrue();
    assertThat(seen.get("phase").asString()).isEqualTo("open");
    assertThat(seen.get("pages").asInt()).isEqualTo(RemoteProgram.PAGES);
    assertThat(seen.get("residentMost").asInt()).isEqualTo(RemoteProgram.RESIDENT);
    assertThat(seen.has("done")).isFalse();
    assertThat(seen.at("/storeFacts/0/value").asString()).isEqualTo("a file, " + second);
    assertThat(uri(second)).isEqualTo(store(second));
  }

  @Test
  @DisplayName("status without a process number finds the program")
  void all() {
    assertThat(pager("status").lines())
        .contains("process %d, remote memory of %s".formatted(program.pid(), store(first)));
    assertThat(pager("status --json").json().get("memories"))
        .anyMatch(seen -> seen.at("/application/process").asLong() == program.pid());
  }

  @Test
  @DisplayName("flush leaves nothing that the store does not have, and says how much it wrote")
  void flush() {
    CommandRun flushed = pager("flush PID --json --store " + store(first));
    JsonNode seen = one(flushed);
    assertThat(seen.get("dirty").asInt()).isZero();
    assertThat(seen.get("written").asInt()).isGreaterThanOrEqualTo(RemoteProgram.STORED);
    assertThat(seen.get("done").asString())
        .matches("all that was stored before is in the store; [0-9]+ pages were written");
    assertThat(pager("flush PID --store " + store(first)).out())
        .isEqualTo(
            "process %d, remote memory of %s: all that was stored before is in the store; 0 pages were written\n"
                .formatted(program.pid(), store(first)));
  }

  @Test
  @DisplayName("preload brings in pages of a range as far as there is room, and no more")
  void preload() {
    String some = "preload PID 0x80000+10K --store " + store(second);
    assertThat(pager(some).out()).contains(": of 3 pages 3 came in; ");
    // they are there by now
    assertThat(pager(some).out()).contains(": of 3 pages 0 came in; ");
    JsonNode whole = one(pager("preload PID --json --store " + store(second)));
    assertThat(whole.get("resident").asInt()).isLessThanOrEqualTo(RemoteProgram.RESIDENT);
    assertThat(whole.get("done").asString()).startsWith("of 256 pages ");
  }

  @Test
  @DisplayName("adopt does nothing where a worker lives, and says so")
  void lives() {
    assertThat(pager("adopt PID").lines())
        .hasSize(2)
        .allMatch(
            line -> line.matches(".*: nothing is to be done: its worker, process [0-9]+, lives"));
  }

  @ParameterizedTest(name = "memremap pager {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "1 | status 2147483647 | no process has the number 2147483647",
        "1 | adopt 2147483647 | no process has the number 2147483647",
        "1 | status PID --store file:/none | no remote memory has its pages in file:/none; the ones here have theirs in file://",
        "2 | adopt | adopt needs the process number of a program; 'memremap pager status' lists them",
        "2 | status PID 0x0+4K | a range is for preload; leave 0x0+4K out",
        "2 | preload PID 0x0+4K | process PID has several remote memories; say with --store",
        "2 | preload PID 0x1000 | 0x1000 is an address and has no size; write START+SIZE",
        "2 | start PID | 'start' is nothing that can be done; write status, adopt, preload, flush or copy",
        "2 | flush x | 'x' is not the number of a process",
      })
  @DisplayName("what cannot be done gets one sentence")
  void refused(int status, String line, String sentence) {
    CommandRun refused = pager(line);
    assertThat(refused.err())
        .startsWith("memremap: ")
        .contains(sentence.replace("PID", "" + program.pid()))
        .hasLineCount(1);
    assertThat(refused.status()).isEqualTo(status);
    assertThat(refused.out()).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "0x100000+1",
    "0xff000+4097",
    "0x0+0",
    "0xfffffffffffff000+4K",
    "0x0+0x8000000000000000"
  })
  @DisplayName("a range that is not inside the memory is refused")
  void outside(String range) {
    CommandRun refused = pager("preload PID " + range + " --store " + store(first));
    assertThat(refused.err())
        .contains(
            " is not inside the remote memory, which has 0x100000 bytes; a range has at least 1 of them")
        .hasLineCount(1);
    assertThat(refused.status()).isEqualTo(2);
  }

  @Test
  @DisplayName("a process without remote memory is named")
  void none() {
    assertThat(run("pager", "flush", "" + ProcessHandle.current().pid()).err())
        .isEqualTo(
            "memremap: process %d has no remote memory\n".formatted(ProcessHandle.current().pid()));
  }

  @Test
  @DisplayName("a memory that no process serves is said to be so, and adopt has it served again")
  void adopts(@TempDir Path other) throws IOException {
    try (RemoteProgram lost = RemoteProgram.start(other.resolve("c"))) {
      String pid = "" + lost.pid();
      try (RunningMemory memory = RunningMemory.of(Native.calls(), lost.pid()).getFirst()) {
        killAll(memory);
      }
      assertThat(run("pager", "status", pid).lines())
          .contains(
              "  to do      memremap pager adopt %s; until then each missing page is waited for"
                  .formatted(pid))
          .anyMatch(line -> line.matches("  guardian   gone \\(it was process [0-9]+\\)"));
      CommandRun refused = run("pager", "flush", pid);
      assertThat(refused.status()).isEqualTo(1);
      assertThat(refused.err())
          .isEqualTo(
              "memremap: the remote memory of process %s is served by no worker; 'memremap pager adopt %1$s' starts one\n"
                  .formatted(pid));
      JsonNode seen = one(run("pager", "adopt", pid, "--json"));
      assertThat(seen.get("done").asString())
          .isEqualTo(
              "it is served again, by worker %d of guardian %d"
                  .formatted(
                      seen.at("/worker/process").asLong(), seen.at("/guardian/process").asLong()));
      assertThat(seen.get("takeovers").asInt()).isEqualTo(1);
      assertThat(run("pager", "flush", pid).status()).isZero();
    }
  }

  private static void killAll(RunningMemory memory) throws IOException {
    boolean isLeft = true;
    while (isLeft) {
      isLeft = false;
      for (Role role : List.of(Role.GUARDIAN, Role.STANDBY, Role.WORKER)) {
        if (memory.lives(role)) {
          isLeft = true;
          ProcessHandle.of(memory.state().process(role)).ifPresent(ProcessEnd::killWithChildren);
        }
      }
    }
  }
}
