// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A guest whose command was started. It ends by itself when its command does; {@link #kill} ends it
 * as a power cut would; {@link #close} kills it if it still runs and removes its temporary files.
 * The end of this JVM, {@code kill -9} included, does the same.
 *
 * <p>Thread safety: any thread may call any method; {@code end} is guarded by this object's lock,
 * {@code killed} and {@code late} are volatile.
 */
public final class RunningGuest implements AutoCloseable {
  private static final long LOOK_AGAIN_MILLIS = 20;

  private final Process qemu;
  private final GuestFiles files;
  private final ScratchDirectory directory;
  private final CompletableFuture<Duration> took;
  private volatile boolean killed;
  private volatile boolean late;
  private @Nullable GuestRecord end;

  private RunningGuest(Process qemu, ScratchDirectory directory, long startedNanos) {
    this.qemu = qemu;
    this.files = new GuestFiles(directory.path());
    this.directory = directory;
    took = qemu.onExit().thenApply(ended -> Duration.ofNanos(System.nanoTime() - startedNanos));
  }

  /**
   * Starts QEMU, and does not wait for the guest.
   *
   * @param directory of its files; it is closed with the guest
   */
  static RunningGuest start(List<String> commandLine, ScratchDirectory directory)
      throws IOException {
    long now = System.nanoTime();
    Path log = new GuestFiles(directory.path()).qemuLog();
    Process qemu = directory.start(commandLine, ProcessBuilder.Redirect.to(log.toFile()));
    return new RunningGuest(qemu, directory, now);
  }

  /**
   * Waits until the guest runs its command.
   *
   * @throws GuestTimeoutException if it did not within the limit; it was killed
   * @throws GuestException if the guest ended before
   * @throws InterruptedException if this thread was interrupted; the guest runs on
   */
  void awaitStart(Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      // asked before the files are read: what it wrote last is then in there
      boolean ended = !qemu.isAlive();
      if (written().isStarted()) {
        return;
      }
      if (ended) {
        result();
        throw new AssertionError("a guest without a start has no result");
      }
      if (System.nanoTime() - deadline >= 0) {
        late = true;
        kill();
        throw written()
            .late(
                "The guest did not run its command within %s s; it was killed"
                    .formatted(seconds(limit)));
      }
      qemu.waitFor(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /**
   * Whether a guest like this one, which ended before its command ran, may come to it next time.
   */
  boolean mayStartNextTime() {
    return late || (settle().mayStartNextTime(qemu.exitValue()) && !killed);
  }

  /**
   * Why a guest ended that was to live on: an exception if that was not its own doing; else empty.
   *
   * @param during what went on: "while it answered"
   */
  Optional<GuestException> endedFromOutside(String during) {
    Processes.awaitEnd(qemu);
    GuestRecord record = settle();
    if (killed) {
      return Optional.of(record.ended("The guest was killed " + during));
    }
    return record.signal(qemu.exitValue()).map(signal -> record.killed(signal, during));
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
   * @throws GuestKilledException if QEMU was killed from outside
   * @throws GuestEndedException if it ended before the command did, or {@link #kill} killed it
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
    Processes.awaitEnd(qemu);
    settle();
  }

  /** Kills the guest if it still runs. Its output can still be read. */
  @Override
  public void close() {
    kill();
  }

  private GuestRun result() {
    GuestRecord record = settle();
    return record.ended(killed, qemu.exitValue(), took.join());
  }

  private synchronized GuestRecord written() {
    return end != null ? end : GuestRecord.read(files);
  }

  /** Once QEMU is gone: keeps what it wrote, and its files no longer. */
  private synchronized GuestRecord settle() {
    if (end == null) {
      // then it was not QEMU that ended first, but this JVM is about to
      if (directory.isClosed()) {
        killed = true;
      }
      end = GuestRecord.read(files);
      directory.close();
    }
    return end;
  }

  private static String seconds(Duration duration) {
    return "%.1f".formatted(duration.toMillis() / 1000.0);
  }
}
