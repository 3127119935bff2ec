// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

/**
 * QEMU was ended by a signal that this library did not send. That says nothing about what the guest
 * was doing: the message names the signal, and what went on at that moment.
 *
 * <p>Thread safety: immutable but for what {@link Throwable} lets anyone change.
 */
public final class GuestKilledException extends GuestException {
  private static final long serialVersionUID = 1L;

  GuestKilledException(String sentence, String output, String kernelLog) {
    super(sentence, output, kernelLog);
  }
}
