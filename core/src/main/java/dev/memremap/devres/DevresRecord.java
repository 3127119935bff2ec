// SPDX-License-Identifier: Apache-2.0
package dev.memremap.devres;

/**
 * One managed resource: its data and what undoes it. Made by {@link Devres#alloc}; does nothing
 * until it is added.
 *
 * <p>Thread safety: the data is immutable; whether the record is listed is guarded by the lock of
 * the list that made it.
 *
 * @param <T> the data
 */
public final class DevresRecord<T> implements DevresNode {
  final DevresRelease<T> release;
  final T data;
  boolean listed;

  DevresRecord(DevresRelease<T> release, T data) {
    this.release = release;
    this.data = data;
  }

  /** The record's data. */
  public T data() {
    return data;
  }

  void runRelease() {
    release.release(data);
  }
}
