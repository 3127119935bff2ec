// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import dev.memremap.scenario.Operation;
import dev.memremap.scenario.Scenario;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One guest with our module loaded, and the line to it: operations go in as text, each comes back
 * as one line.
 *
 * <p>Thread safety: one thread asks; a thread of its own reads.
 */
final class JudgeGuest implements AutoCloseable {
  private static final Duration BOOT = Duration.ofMinutes(2);

  /** Far longer than anyone compares for: it ends a guest whose JVM died without a word. */
  private static final Duration LIFETIME = Duration.ofHours(6);

  private static final String READY = "judge is ready";

  /** A terminal's buffer holds so much before anybody reads. */
  private static final int MOST_UNANSWERED = 64;

  private static final String SCRIPT =
      """
      set -e
      module=$1
      shift
      /run/guest/busybox insmod "$module" "$@"
      cat /proc/iomem /sys/kernel/debug/x86/pat_memtype_list
      operation=/sys/kernel/debug/memremap_judge/operation
      exec 3<>/dev/ttyS3
      echo %s
      while read -r line <&3; do
        echo "$line" >$operation
        read -r answer <$operation
        echo "$answer" >&3
      done
      """
          .formatted(READY);

  private final RunningGuest guest;
  private final SocketChannel channel;
  private final Path bar;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

  private JudgeGuest(RunningGuest guest, SocketChannel channel, Path bar) {
    this.guest = guest;
    this.channel = channel;
    this.bar = bar;
  }

  static JudgeGuest start(GuestKernel kernel, JudgeMachine machine, Path module)
      throws InterruptedException {
    try {
      Path bar = Files.createTempFile("memremap-bar", null);
      RunningGuest guest =
          machine
              .guest(kernel, bar)
              .channel()
              .build()
              .start(command(module, machine.moduleParameters()), LIFETIME);
      try {
        guest.awaitLine(READY, BOOT);

        machine
            .differsFrom(guest.output())
            .ifPresent(
                sentence -> {
                  throw new GuestEndedException(sentence, guest.output(), guest.kernelLog());
                });
        JudgeGuest judge = new JudgeGuest(guest, guest.channel(), bar);
        Thread.ofVirtual().name("judge").start(judge::read);
        return judge;
      } catch (RuntimeException | IOException | InterruptedException e) {
        guest.close();
        Files.deleteIfExists(bar);
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> command(Path module, List<String> parameters) {
    return Stream.concat(
            Stream.of("/run/guest/busybox", "sh", "-c", SCRIPT, "judge", module.toString()),
            parameters.stream())
        .toList();
  }

  /**
   * All answers to a scenario, after which everything is undone.
   *
   * @throws ScenarioCrashException if the guest did not survive it or did not answer in time
   */
  String answer(Scenario scenario, Duration limit) throws InterruptedException {
    List<Operation> operations = scenario.operations();
    StringBuilder text = new StringBuilder();
    int asked = 0;
    for (int i = 0; i < operations.size(); i++) {
      for (; asked < operations.size() && asked - i < MOST_UNANSWERED; asked++) {
        send(scenario.textOf(operations.get(asked)));
      }
      Operation operation = operations.get(i);
      String answer = await(limit);
      if (answer.isEmpty()) {
        throw ScenarioCrashException.during(scenario, operation, fate(limit), guest);
      }
      if (answer.startsWith("misread")) {
        throw new IllegalStateException(
            "%s:%d: the module could not read '%s': %s"
                .formatted(scenario.path(), operation.line(), scenario.textOf(operation), answer));
      }
      text.append(operation.line()).append(": ").append(answer).append('\n');
    }
    send("end");
    if (await(limit).isEmpty()) {
      throw ScenarioCrashException.afterwards(scenario, fate(limit), guest);
    }
    return text.toString();
  }

  /** What became of it. */
  private String fate(Duration limit) {
    return guest.isAlive()
        ? "did not answer within %d s".formatted(limit.toSeconds())
        : "did not survive it";
  }

  /** The next line; empty if the guest is gone or the time is over. */
  private String await(Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      // asked before the queue is: what came last is then in there
      boolean ended = !guest.isAlive();
      String answer = answers.poll(ended ? 200 : 50, TimeUnit.MILLISECONDS);
      if (answer != null) {
        return answer;
      }
      if (ended || System.nanoTime() - deadline >= 0) {
        return "";
      }
    }
  }

  private void send(String line) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      // the guest is gone: nobody will answer, and that is what says so
      return;
    }
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        answers.add(line);
      }
    } catch (IOException e) {
      // closed, or the guest is gone
      return;
    }
  }

  @Override
  public void close() {
    guest.close();
    try {
      channel.close();
      Files.deleteIfExists(bar);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
