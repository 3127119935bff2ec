// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.doctor;

import dev.memremap.cli.terminal.MissingClass;
import dev.memremap.spi.IoReason;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One thing that was looked at on this computer.
 *
 * @param group what needs it
 * @param name what it is, in one to three words
 * @param state what was found
 * @param says what is there, or what is not
 * @param remedy what to do where something is missing or poor; empty if there is nothing to do
 */
public record Check(Group group, String name, State state, String says, String remedy) {
  private static final String REPORT = "report this as a mistake in memremap, with this line";

  /** What needs a thing. */
  public enum Group {
    /** The library and simulated machines: everybody needs them. */
    LIBRARY("the library and simulated machines"),
    /** The memory of this computer. */
    HOST("the memory of this computer"),
    /** Kernels in QEMU, which conformance compares with. */
    GUESTS("guests, for memremap conformance");

    private final String title;

    Group(String title) {
      this.title = title;
    }

    /** For a line of its own. */
    public String title() {
      return title;
    }
  }

  /** What was found. */
  public enum State {
    /** It is there. */
    OK,
    /** It works, or is not asked for by most, but could be better. */
    NOTE,
    /** It is missing, and something does not work without it. */
    MISSING
  }

  static Check ok(Group group, String name, String says) {
    return new Check(group, name, State.OK, says, "");
  }

  static Check note(Group group, String name, String says, String remedy) {
    return new Check(group, name, State.NOTE, says, remedy);
  }

  static Check missing(Group group, String name, String says, String remedy) {
    return new Check(group, name, State.MISSING, says, remedy);
  }

  /**
   * Runs checks. If they throw, one line says so, and the other checks still run.
   *
   * @param name of the line, where the look fails
   */
  static List<Check> looked(Group group, String name, Supplier<List<Check>> look) {
    try {
      return look.get();
    } catch (UncheckedIOException e) {
      String reason = IoReason.of(Objects.requireNonNull(e.getCause()));
      return List.of(missing(group, name, "cannot be looked at: " + reason, ""));
    } catch (RuntimeException | LinkageError e) {
      Optional<String> incomplete = MissingClass.sentence(e);
      if (incomplete.isPresent()) {
        return List.of(missing(group, name, incomplete.get(), ""));
      }
      return List.of(missing(group, name, "cannot be looked at: " + e, REPORT));
    }
  }
}
