// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static dev.memremap.conformance.FakeQemu.RUN_ON;
import static dev.memremap.conformance.FakeQemu.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.scenario.Answers;
import dev.memremap.scenario.Kernel;
import dev.memremap.scenario.MachineExecutor;
import dev.memremap.scenario.Scenario;
import dev.memremap.testing.LoggedLines;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a scenario whose guest does not answer, by a QEMU that is a shell script. */
class KilledQemuTest {
  @TempDir private Path directory;

  private final LoggedLines log = new LoggedLines("dev.memremap.conformance");
  private final Deque<String> guests = new ArrayDeque<>();
  private int booted;

  @BeforeEach
  void busyboxIsThere() {
    Guests.assumeBusybox();
  }

  @AfterEach
  void closeLog() {
    log.close();
  }

  private Scenario scenario() {
    Path file =
        JudgeMachine.QEMU_2G
            .terrain(directory, Kernel.FOLLOWED)
            .directory()
            .resolve("some.scenario");
    return Scenario.parse(file, "machine qemu-2g.iomem\nregion 0x1000 1\n");
  }

  /** An executor whose guests, one after the other, do this at a scenario's first line. */
  private KernelExecutor executor(Duration limit, String... acts) throws IOException {
    guests.addAll(List.of(acts));
    FakeQemu qemu = FakeQemu.of(directory, START + "; " + RUN_ON);
    return new KernelExecutor(qemu.kernel(), machine -> boot(qemu, guests.remove()), limit);
  }

  private JudgeGuest boot(FakeQemu qemu, String act) throws InterruptedException {
    RunningGuest guest = qemu.machine().build().start(List.of("true"));
    Path socket = directory.resolve("channel" + booted++);
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      SocketChannel ours = SocketChannel.open(UnixDomainSocketAddress.of(socket));
      SocketChannel guests = server.accept();
      Thread.ofVirtual().start(() -> act(act, guest, guests));
      return JudgeGuest.over(guest, ours);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the module in a guest does with each line. */
  private static void act(String act, RunningGuest guest, SocketChannel channel) {
    try (channel;
        BufferedReader lines =
            new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        switch (act) {
          case "answers" -> {
            String answer = line.startsWith("region") ? "INTERSECTS\n" : "ok\n";
            channel.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
          }
          case "is killed" -> {
            ProcessHandle.of(guest.pid()).orElseThrow().destroyForcibly();
            return;
          }
          case "hangs" -> Thread.sleep(Duration.ofDays(1));
          default -> throw new IllegalArgumentException(act);
        }
      }
    } catch (IOException | InterruptedException e) {
      // the judge has hung up
      return;
    }
  }

  @Test
  @DisplayName("A scenario whose QEMU is killed is asked again, of a new guest, and that is logged")
  void askedAgain() throws Exception {
    Scenario scenario = scenario();
    try (KernelExecutor judge =
        executor(GuestLimits.find().answer(), "is killed", "is killed", "answers")) {
      assertThat(judge.answer(scenario).byLine()).isEqualTo(Map.of(1, "ok", 2, "INTERSECTS"));
    }
    assertThat(log.lines())
        .satisfiesExactly(
            line ->
                assertThat(line).startsWith("A new guest is asked (2 of 3): QEMU was killed by"),
            line -> assertThat(line).startsWith("A new guest is asked (3 of 3): QEMU was killed"));
  }

  @Test
  @DisplayName("A QEMU that is killed each time is reported as that, with what it answered")
  void killedEachTime() throws Exception {
    Scenario scenario = scenario();
    try (KernelExecutor judge =
        executor(GuestLimits.find().answer(), "is killed", "is killed", "is killed", "answers")) {
      assertThatThrownBy(() -> judge.answer(scenario))
          .isInstanceOf(GuestKilledException.class)
          .hasMessage(
              "QEMU was killed by signal 9 (SIGKILL) while it answered %s:1: machine qemu-2g.iomem;"
                      .formatted(scenario.path())
                  + " something outside, such as the kernel's out-of-memory killer, did it");
      assertThat(judge.answer(scenario).at(2)).as("of a new guest").contains("INTERSECTS");
    }
  }

  @Test
  @DisplayName(
      "A guest that does not answer is a crash of the scenario, with its line; the next is new")
  void hangs() throws Exception {
    Scenario scenario = scenario();
    try (KernelExecutor judge = executor(Duration.ofMillis(300), "hangs")) {
      assertThatThrownBy(() -> judge.answer(scenario))
          .isInstanceOf(ScenarioCrashException.class)
          .hasMessageStartingWith(
              scenario.path() + ":1: machine qemu-2g.iomem: the guest did not answer within 0.3 s");
    }
  }

  /** A judge that agrees until its QEMU is killed for good. */
  private static final class Mortal extends LibraryJudge {
    private final int answers;
    private int asked;

    Mortal(int answers) {
      this.answers = answers;
    }

    @Override
    public Answers answer(Scenario scenario) {
      if (asked++ >= answers) {
        throw new GuestKilledException("QEMU was killed", "", "");
      }
      return super.answer(scenario);
    }

    @Override
    String said(String operation, String right) {
      return asked == 1 && operation.startsWith("region") ? "DISJOINT" : right;
    }
  }

  private ConformanceRun.Result compared(int answers) throws InterruptedException {
    Iterator<Scenario> many = Stream.generate(this::scenario).iterator();
    return new ConformanceRun(new Mortal(answers), MachineExecutor::open, 10)
        .compare(many, (done, findings) -> {});
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 200})
  @DisplayName(
      "A run whose QEMU is killed ends there, and keeps what it found, shrunk as far as it was")
  void runEnds(int answers) throws Exception {
    ConformanceRun.Result result = compared(answers);
    assertThat(result.killed())
        .hasValueSatisfying(e -> assertThat(e).hasMessage("QEMU was killed"));
    assertThat(result.stopped()).isTrue();
    assertThat(result.findings()).as("the first differed").hasSize(1);
  }
}
