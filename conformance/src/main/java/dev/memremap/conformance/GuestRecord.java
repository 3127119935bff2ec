// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a guest wrote until now, port by port; and what follows from it once it ended.
 *
 * <p>Thread safety: immutable.
 */
record GuestRecord(String output, String kernelLog, String status, String qemuLog) {
  private static final int LAST_LINES = 12;
  private static final String STARTED = "started ";
  private static final String FAILED = "failed ";
  private static final String PANIC = "Kernel panic - not syncing";

  static GuestRecord read(GuestFiles files) {
    return new GuestRecord(
        GuestFiles.text(files.output()),
        // the kernel ends its lines as terminals need it; the command's output stays as it is
        GuestFiles.text(files.kernelLog()).replace("\r\n", "\n"),
        GuestFiles.text(files.status()),
        GuestFiles.text(files.qemuLog()));
  }

  /** The first whole line of output that starts so. */
  Optional<String> outputLine(String prefix) {
    return wholeLine(output, prefix);
  }

  /** Whether the command runs, or ran. */
  boolean isStarted() {
    return wholeLine(status, STARTED).isPresent();
  }

  /**
   * Whether a guest that ended before its command ran may come to it when it is booted again: not
   * where its own init gave up, nor where QEMU refused before anything ran.
   */
  boolean mayStartNextTime(int qemuStatus) {
    boolean refused =
        qemuStatus != 0 && kernelLog.isEmpty() && QemuSignal.of(qemuStatus, qemuLog).isEmpty();
    return wholeLine(status, FAILED).isEmpty() && !refused;
  }

  /** The signal that ended QEMU, unless the guest's kernel had panicked before. */
  Optional<QemuSignal> signal(int qemuStatus) {
    return kernelLog.contains(PANIC) ? Optional.empty() : QemuSignal.of(qemuStatus, qemuLog);
  }

  /** The run that this record ends; throws what says why if the command did not run. */
  GuestRun ended(boolean killed, int qemuStatus, Duration took) {
    Optional<String> exit = wholeLine(status, "exit ");
    if (exit.isPresent()) {
      return new GuestRun(
          Integer.parseInt(exit.get().substring("exit ".length())),
          output,
          kernelLog,
          boot(),
          took);
    }
    if (killed) {
      throw ended("The guest was killed before its command ended");
    }
    Optional<String> failed = wholeLine(status, FAILED);
    if (failed.isPresent()) {
      throw ended("The guest gave up: " + failed.get().substring(FAILED.length()) + tail());
    }
    int panic = kernelLog.indexOf(PANIC);
    if (panic >= 0) {
      String reason = kernelLog.substring(panic + PANIC.length()).lines().findFirst().orElse("");
      throw new GuestPanicException(
          "The guest's kernel panicked" + reason + tail(), output, kernelLog);
    }
    Optional<QemuSignal> signal = signal(qemuStatus);
    if (signal.isPresent()) {
      throw killed(
          signal.get(), isStarted() ? "while the guest's command ran" : "while the guest booted");
    }
    String said = qemuLog.isBlank() ? tail() : ": " + qemuLog.strip();
    throw ended("QEMU ended with status " + qemuStatus + " before the command did" + said);
  }

  GuestEndedException ended(String sentence) {
    return new GuestEndedException(sentence, output, kernelLog);
  }

  GuestKilledException killed(QemuSignal signal, String during) {
    return new GuestKilledException(signal.sentence(during), output, kernelLog);
  }

  GuestTimeoutException late(String sentence) {
    return new GuestTimeoutException(sentence, output, kernelLog);
  }

  private Duration boot() {
    // a kernel's uptime has hundredths of a second
    String uptime = wholeLine(status, STARTED).orElseThrow().substring(STARTED.length());
    return Duration.ofMillis(Long.parseLong(uptime.replace(".", "")) * 10);
  }

  private String tail() {
    return tail(kernelLog);
  }

  /** The last lines of a log, each on a line of its own. */
  static String tail(String log) {
    List<String> lines = log.lines().toList();
    return "\n  "
        + String.join("\n  ", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
  }

  private static Optional<String> wholeLine(String text, String prefix) {
    return text.substring(0, text.lastIndexOf('\n') + 1)
        .lines()
        .filter(line -> line.startsWith(prefix))
        .findFirst();
  }
}
