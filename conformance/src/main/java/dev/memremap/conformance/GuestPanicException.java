// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

/**
 * The guest's kernel panicked; the message has its last lines.
 *
 * <p>Thread safety: immutable but for what {@link Throwable} lets anyone change.
 */
public final class GuestPanicException extends GuestException {
  private static final long serialVersionUID = 1L;

  GuestPanicException(String sentence, String output, String kernelLog) {
    super(sentence, output, kernelLog);
  }
}
