// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.ref;

/**
 * Something that must not go away before a reference has drained: a page map.
 *
 * <p>While it is attached, the reference cannot be exited (C-10). It says its name in {@code
 * toString}.
 *
 * <p>It may be held by holds of its own, beside the reference. As long as {@link #isHeld} answers
 * true, the reference does not drain; {@link DependentAccess#noLongerHeld} says that the last one
 * was closed. All methods but {@code drained} and {@code isHeld} are called under the reference's
 * lock.
 */
public interface Dependent {

  /**
   * The count has dropped to zero after the dependent was detached. Called once, by the thread that
   * put the last reference, before the reference's own release callback; it must not block for long
   * and must not throw.
   */
  void drained();

  /**
   * The reference is about to be killed; after this {@link #killed} or {@link #cancelKill} is
   * called, and {@code killed} cannot fail.
   *
   * @throws IllegalStateException if that cannot be prepared; then nothing was changed
   */
  default void prepareKill() {}

  /** The kill was refused. */
  default void cancelKill() {}

  /** The reference was killed: from now on no hold is granted. */
  default void killed() {}

  /** The killed reference lives again, and so may holds be granted. */
  default void revived() {}

  /**
   * Whether the reference was killed and holds are still out; once false, false until a revival.
   */
  default boolean isHeld() {
    return false;
  }
}
