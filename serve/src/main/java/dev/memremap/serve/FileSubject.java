// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import dev.memremap.Machine;
import dev.memremap.drawing.model.Scene;
import dev.memremap.machine.MachineDescription;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.PlainText;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A machine that is read anew whenever its files change. While they cannot be used, the last
 * machine that they described stays, and the pulse says why.
 *
 * <p>Thread safety: one thread looks at the files; {@code this} guards the machine, and what is
 * known is one volatile value.
 */
public final class FileSubject implements Subject {
  private static final int PAUSE_MILLIS = 250;

  /** A file that is still being written is read once it rests, or after so many looks. */
  private static final int MOST_LOOKS = 8;

  private final String name;
  private final List<Path> files;
  private final Supplier<MachineDescription> reader;
  private final Thread looker;
  private DescribedSubject machine; // guarded by this
  private FileStamps read; // of the thread that looks
  private final LatestPulse pulse =
      new LatestPulse(new Pulse(0, List.of(), List.of(), true, Optional.empty(), Optional.empty()));
  private volatile boolean closed;

  /**
   * Reads a machine.
   *
   * @param files what is looked at; each one {@linkplain #canFollow can be followed}
   * @param reader reads them; its message is a sentence if it fails
   */
  public FileSubject(String name, List<Path> files, Supplier<MachineDescription> reader) {
    this.name = name;
    this.files = List.copyOf(files);
    this.reader = reader;
    // before they are read: what changes meanwhile is read again
    this.read = FileStamps.of(files);
    this.machine = new DescribedSubject(name, reader.get());
    this.looker = Thread.ofPlatform().daemon().name("memremap-serve-files").start(this::follow);
  }

  /** Returns whether a file can be read again, and tells when it changes; a pipe does neither. */
  public static boolean canFollow(Path file) {
    return FileStamps.isLasting(file);
  }

  private void follow() {
    FileStamps last = read;
    int looks = 0;
    while (!closed) {
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException closing) {
        return;
      }
      FileStamps now = FileStamps.of(files);
      looks = now.equals(read) ? 0 : looks + 1;
      if (looks > 0 && (now.equals(last) || looks >= MOST_LOOKS)) {
        read = now;
        looks = 0;
        readAnew();
      }
      last = now;
    }
  }

  private void readAnew() {
    @Nullable String trouble = null;
    try {
      exchange(new DescribedSubject(name, reader.get()));
    } catch (IllegalArgumentException | UncheckedIOException e) {
      trouble = String.valueOf(e.getMessage());
    } catch (MemremapException e) {
      trouble = e.sentence();
    } catch (RuntimeException e) {
      trouble = "this is a mistake in memremap itself, please report it: " + e;
    } catch (OutOfMemoryError | StackOverflowError e) {
      trouble = "it is too large for the memory of this JVM";
    }
    tell(trouble);
  }

  private synchronized void exchange(DescribedSubject next) {
    if (closed) {
      next.close();
      return;
    }
    machine.close();
    machine = next;
  }

  private void tell(@Nullable String trouble) {
    Pulse before = pulse.get();
    String words = trouble == null ? "read anew" : PlainText.of(trouble);
    long number = before.events().isEmpty() ? 1 : before.events().getFirst().number() + 1;
    List<Pulse.Event> events = new ArrayList<>();
    events.add(new Pulse.Event(number, System.currentTimeMillis(), words));
    events.addAll(before.events());
    pulse.set(
        new Pulse(
            trouble == null ? before.version() + 1 : before.version(),
            before.totals(),
            events.subList(0, Math.min(events.size(), Pulse.EVENTS)),
            true,
            Optional.empty(),
            trouble == null
                ? Optional.empty()
                : Optional.of(words + "; this is what was read before")));
  }

  private synchronized DescribedSubject machine() {
    return machine;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Step> steps() {
    return List.of();
  }

  @Override
  public List<MachineName> machines() {
    return machine().machines();
  }

  @Override
  public Scene scene(Place place) {
    return machine().scene(place);
  }

  @Override
  public synchronized <T> T ask(Place place, Function<Machine, T> question) {
    return machine.ask(place, question);
  }

  @Override
  public Pulse pulse() {
    return pulse.get();
  }

  @Override
  public Pulse next(Pulse told, Duration patience) throws InterruptedException {
    return pulse.otherThan(told, patience);
  }

  @Override
  public synchronized void close() {
    closed = true;
    looker.interrupt();
    machine.close();
  }
}
