// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.ref;

/**
 * Something that must not go away before a reference has drained: a page map.
 *
 * <p>While it is attached, the reference cannot be exited (C-10). It says its name in {@code
 * toString}.
 */
public interface Dependent {

  /**
   * The count has dropped to zero after the dependent was detached. Called once, by the thread that
   * put the last reference, before the reference's own release callback; it must not block for long
   * and must not throw.
   */
  void drained();
}
