// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

/**
 * The guest ended otherwise than it should: QEMU refused or was killed, the guest could not be set
 * up, or the command ended without the line awaited. The message says which.
 *
 * <p>Thread safety: immutable but for what {@link Throwable} lets anyone change.
 */
public final class GuestEndedException extends GuestException {
  private static final long serialVersionUID = 1L;

  GuestEndedException(String sentence, String output, String kernelLog) {
    super(sentence, output, kernelLog);
  }
}
