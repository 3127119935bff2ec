// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

/**
 * The guest did not do in time what was awaited; {@link #output()} is what it wrote until then.
 *
 * <p>Thread safety: immutable but for what {@link Throwable} lets anyone change.
 */
public final class GuestTimeoutException extends GuestException {
  private static final long serialVersionUID = 1L;

  GuestTimeoutException(String sentence, String output, String kernelLog) {
    super(sentence, output, kernelLog);
  }
}
