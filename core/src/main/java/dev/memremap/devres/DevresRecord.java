// SPDX-License-Identifier: Apache-2.0
package dev.memremap.devres;

/**
 * One managed resource: its data and its release. {@link Devres#alloc} makes it, {@link Devres#add}
 * lists it.
 *
 * <p>Thread safety: may be used by any thread.
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

  /** Returns the record's data. */
  public T data() {
    return data;
  }

  void runRelease() {
    release.release(data);
  }
}
