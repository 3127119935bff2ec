// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

/**
 * A guest that did not run its command to an end. The message is one sentence; for a guest that got
 * as far, what it printed is kept.
 *
 * <p>Thread safety: immutable but for what {@link Throwable} lets anyone change.
 */
public abstract sealed class GuestException extends RuntimeException
    permits GuestUnavailableException,
        GuestEndedException,
        GuestKilledException,
        GuestPanicException,
        GuestTimeoutException,
        ScenarioCrashException {
  private static final long serialVersionUID = 1L;

  private final String output;
  private final String kernelLog;

  GuestException(String sentence, String output, String kernelLog) {
    super(sentence);
    this.output = output;
    this.kernelLog = kernelLog;
  }

  /** What the command wrote so far, standard output and error in one; empty if it did not start. */
  public final String output() {
    return output;
  }

  /** What the guest's kernel logged; empty if it did not start. */
  public final String kernelLog() {
    return kernelLog;
  }
}
