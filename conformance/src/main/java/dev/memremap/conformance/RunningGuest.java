// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.io.File;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A guest that was started. It ends by itself when its command does; {@link #kill} ends it as a
 * power cut would; {@link #close} kills it if it still runs and removes its temporary files.
 *
 * <p>Thread safety: any thread may call any method; {@code end} is guarded by this object's lock.
 */
public final class RunningGuest implements AutoCloseable {
  private static final long LOOK_AGAIN_MILLIS = 20;

  private final Process qemu;
  private final GuestFiles files;
  private final CompletableFuture<Duration> took;
  private final Thread killer;
  private volatile boolean killed;
  private @Nullable GuestRecord end;

  private RunningGuest(Process qemu, GuestFiles files, long startedNanos) {
    this.qemu = qemu;
    this.files = files;
    took = qemu.onExit().thenApply(ended -> Duration.ofNanos(System.nanoTime() - startedNanos));
    killer = new Thread(this::kill, "guest-" + qemu.pid());
  }

  static RunningGuest start(List<String> commandLine, GuestFiles files) throws IOException {
    long now = System.nanoTime();
    Process qemu =
        new ProcessBuilder(commandLine)
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(files.qemuLog().toFile())
            .start();
    RunningGuest guest = new RunningGuest(qemu, files, now);
    try {
      Runtime.getRuntime().addShutdownHook(guest.killer);
    } catch (IllegalStateException e) {
      // this JVM is on its way out already
      guest.kill();
      throw e;
    }
    return guest;
  }

  /**
   * A connection to the guest's {@code /dev/ttyS3}, in blocking mode; it works once the guest reads
   * and writes there. The caller closes it.
   *
   * @throws IOException if the guest was built without a channel, or has ended
   */
  SocketChannel channel() throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(files.channel()));
  }

  /** QEMU's process id on the host. */
  public long pid() {
    return qemu.pid();
  }

  /** Whether QEMU still runs. */
  public boolean isAlive() {
    return qemu.isAlive();
  }

  /** What the command wrote until now, standard output and error in one. */
  public String output() {
    return written().output();
  }

  /** What the guest's kernel logged until now. */
  public String kernelLog() {
    return written().kernelLog();
  }

  /**
   * Waits for the command to write a line that starts so.
   *
   * @return the first such line, without its end
   * @throws GuestTimeoutException if it was not there in time; the guest runs on
   * @throws GuestException if the guest ended without such a line
   * @throws InterruptedException if this thread was interrupted; the guest runs on
   */
  public String awaitLine(String prefix, Duration within) throws InterruptedException {
    long deadline = System.nanoTime() + within.toNanos();
    while (true) {
      // asked before the output is read: what it wrote last is then in there
      boolean ended = !qemu.isAlive();
      GuestRecord written = written();
      Optional<String> line = written.outputLine(prefix);
      if (line.isPresent()) {
        return line.get();
      }
      if (ended) {
        GuestRun run = result();
        throw written.ended(
            "The command ended with status "
                + run.exitStatus()
                + " and without a line that starts with: "
                + prefix);
      }
      if (System.nanoTime() - deadline >= 0) {
        throw written.late(
            "No line that starts with: " + prefix + " (waited " + seconds(within) + " s)");
      }
      qemu.waitFor(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /**
   * Waits for the guest's end.
   *
   * @throws GuestTimeoutException if it did not end in time; it was killed
   * @throws GuestPanicException if its kernel panicked
   * @throws GuestEndedException if it ended before the command did, or was killed
   * @throws InterruptedException if this thread was interrupted; the guest runs on
   */
  public GuestRun await(Duration within) throws InterruptedException {
    if (!qemu.waitFor(within.toNanos(), TimeUnit.NANOSECONDS)) {
      kill();
      throw written().late("The guest did not end within " + seconds(within) + " s; it was killed");
    }
    return result();
  }

  /**
   * Kills QEMU, and nothing else, and returns when it is gone. The guest gets no chance to write
   * anything back.
   */
  public void kill() {
    if (qemu.isAlive()) {
      killed = true;
      qemu.destroyForcibly();
    }
    boolean interrupted = false;
    while (true) {
      try {
        qemu.waitFor();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    settle();
  }

  /** Kills the guest if it still runs. Its output can still be read. */
  @Override
  public void close() {
    kill();
    try {
      Runtime.getRuntime().removeShutdownHook(killer);
    } catch (IllegalStateException e) {
      // the JVM is on its way out, and the hook finds nothing left to do
      return;
    }
  }

  private GuestRun result() {
    return settle().ended(killed, qemu.exitValue(), took.join());
  }

  private synchronized GuestRecord written() {
    return end != null ? end : GuestRecord.read(files);
  }

  /** Once QEMU is gone: keeps what it wrote, and its files no longer. */
  private synchronized GuestRecord settle() {
    if (end == null) {
      end = GuestRecord.read(files);
      files.delete();
    }
    return end;
  }

  private static String seconds(Duration duration) {
    return "%.1f".formatted(duration.toMillis() / 1000.0);
  }
}
