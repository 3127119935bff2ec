// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The signal that ended QEMU.
 *
 * @param number as Linux on x86-64 numbers it
 */
record QemuSignal(int number) {
  private static final int SIGNALED = 128;

  /** QEMU ends in order on some signals, with status 0, and says so. */
  private static final Pattern SAID = Pattern.compile("terminating on signal ([0-9]+)");

  private static final Map<Integer, String> NAMES =
      Map.of(
          1, "SIGHUP", 2, "SIGINT", 3, "SIGQUIT", 4, "SIGILL", 6, "SIGABRT", 7, "SIGBUS", 8,
          "SIGFPE", 9, "SIGKILL", 11, "SIGSEGV", 15, "SIGTERM");

  /** Those that a process brings about itself. */
  private static final Set<Integer> FAULTS = Set.of(4, 6, 7, 8, 11);

  private static final int SIGKILL = 9;

  /**
   * The one that ended a QEMU; empty if none did.
   *
   * @param status of its process, as Java tells it: 128 + n after signal n
   * @param said what it wrote
   */
  static Optional<QemuSignal> of(int status, String said) {
    if (status > SIGNALED) {
      return Optional.of(new QemuSignal(status - SIGNALED));
    }
    Matcher signal = SAID.matcher(said);
    return signal.find()
        ? Optional.of(new QemuSignal(Integer.parseInt(signal.group(1))))
        : Optional.empty();
  }

  /**
   * One sentence.
   *
   * @param during what went on: "while the guest booted"
   */
  String sentence(String during) {
    String name = NAMES.containsKey(number) ? " (" + NAMES.get(number) + ")" : "";
    return "QEMU was killed by signal %d%s %s; %s".formatted(number, name, during, cause());
  }

  private String cause() {
    if (FAULTS.contains(number)) {
      return "that is a failure of QEMU itself";
    }
    return number == SIGKILL
        ? "something outside, such as the kernel's out-of-memory killer, did it"
        : "something outside did it";
  }
}
