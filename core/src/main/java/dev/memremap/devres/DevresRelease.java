// SPDX-License-Identifier: Apache-2.0
package dev.memremap.devres;

/**
 * Undoes a managed resource: the kernel's {@code dr_release_t}. Records with the same release
 * object are of one kind.
 *
 * @param <T> the record's data
 */
@FunctionalInterface
public interface DevresRelease<T> {
  /**
   * Undoes the resource. Called without the list's lock, once for each record; again by a later
   * release if this call fails and the record {@linkplain #isKeptOnFailure() is kept}.
   *
   * @param data the record's data
   */
  void release(T data);

  /** Returns whether a record whose release threw goes back on the list, as the oldest. */
  default boolean isKeptOnFailure() {
    return false;
  }
}
