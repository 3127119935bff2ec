// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import dev.memremap.scenario.Operation;
import dev.memremap.scenario.Scenario;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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
  private static final System.Logger LOG = System.getLogger("dev.memremap.conformance");

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
  private boolean gone;

  /** What came; an empty one is the last, when the guest is gone. */
  private final BlockingQueue<Optional<String>> answers = new LinkedBlockingQueue<>();

  private JudgeGuest(RunningGuest guest, SocketChannel channel) {
    this.guest = guest;
    this.channel = channel;
  }

  static JudgeGuest start(GuestKernel kernel, JudgeMachine machine, Path module, Duration limit)
      throws InterruptedException {
    RunningGuest guest =
        machine.guest(kernel).channel().build().start(command(module, machine.moduleParameters()));
    try {
      guest.awaitLine(READY, limit);
      machine
          .differsFrom(guest.output())
          .ifPresent(
              sentence -> {
                throw new GuestEndedException(sentence, guest.output(), guest.kernelLog());
              });
      return over(guest, guest.channel());
    } catch (RuntimeException | InterruptedException e) {
      guest.close();
      throw e;
    } catch (IOException e) {
      guest.close();
      throw new UncheckedIOException(e);
    }
  }

  /** One that asks through a channel to a guest in which our module answers. */
  static JudgeGuest over(RunningGuest guest, SocketChannel channel) {
    JudgeGuest judge = new JudgeGuest(guest, channel);
    Thread.ofVirtual().name("judge").start(judge::read);
    return judge;
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
   * @throws GuestKilledException if QEMU was killed from outside, which says nothing about it
   * @throws GuestEndedException if it was killed from here, since this JVM is about to end
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
        String fate = fate(scenario, operation, limit);
        throw ScenarioCrashException.during(scenario, operation, fate, guest);
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
      String fate = fate(scenario, operations.getLast(), limit);
      throw ScenarioCrashException.afterwards(scenario, fate, guest);
    }
    return text.toString();
  }

  /**
   * What became of a guest that gave no answer.
   *
   * @throws GuestException if the scenario has nothing to do with it
   */
  private String fate(Scenario scenario, Operation operation, Duration limit) {
    if (!gone) {
      return "did not answer within %s s".formatted(limit.toMillis() / 1000.0);
    }
    String during =
        "while it answered %s:%d: %s"
            .formatted(scenario.path(), operation.line(), scenario.textOf(operation));
    guest
        .endedFromOutside(during)
        .ifPresent(
            outside -> {
              throw outside;
            });
    return "did not survive it";
  }

  /** The next line; empty if the guest is gone or the time is over. */
  private String await(Duration limit) throws InterruptedException {
    if (gone) {
      return "";
    }
    Optional<String> answer = answers.poll(limit.toNanos(), TimeUnit.NANOSECONDS);
    gone = answer != null && answer.isEmpty();
    return answer == null ? "" : answer.orElse("");
  }

  private void send(String line) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      // the guest is gone; the missing answer will say so
      return;
    }
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        answers.add(Optional.of(line));
      }
    } catch (IOException e) {
      // closed, or the guest is gone: there is nothing more to read either way
      LOG.log(Level.DEBUG, "The channel to a guest ended", e);
    } finally {
      answers.add(Optional.empty());
    }
  }

  @Override
  public void close() {
    guest.close();
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
