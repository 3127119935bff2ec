// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

/**
 * Something that a guest needs is missing here; the message says what, and what to run.
 *
 * <p>Thread safety: immutable but for what {@link Throwable} lets anyone change.
 */
public final class GuestUnavailableException extends GuestException {
  private static final long serialVersionUID = 1L;

  GuestUnavailableException(String sentence) {
    super(sentence, "", "");
  }
}
