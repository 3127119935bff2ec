// SPDX-License-Identifier: Apache-2.0
package dev.memremap.devres;

/**
 * What undoes a managed resource: the kernel's {@code dr_release_t}. Two records are of one kind if
 * they have the same release object.
 *
 * @param <T> the record's data
 */
@FunctionalInterface
public interface DevresRelease<T> {
  /**
   * Undoes the resource. Called without the list's lock, once for a record, and again by a later
   * release where this one failed and the record {@linkplain #isKeptOnFailure() is kept}.
   *
   * @param data the record's data
   */
  void release(T data);

  /** Whether a record whose release threw goes back on the list, as its oldest. */
  default boolean isKeptOnFailure() {
    return false;
  }
}
