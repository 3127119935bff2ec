// SPDX-License-Identifier: Apache-2.0
package dev.memremap.devres;

import org.jspecify.annotations.Nullable;

/** What stands on a device's list: a managed resource, or a marker of a group. */
sealed interface DevresNode permits DevresRecord, DevresNode.GroupOpen, DevresNode.GroupClose {

  /**
   * The opening marker of a group.
   *
   * <p>Thread safety: {@code end} is guarded by the list's lock.
   */
  final class GroupOpen implements DevresNode {
    final Object id;
    @Nullable GroupClose end;

    GroupOpen(@Nullable Object id) {
      this.id = id == null ? this : id;
    }
  }

  /** The closing marker of a group. */
  final class GroupClose implements DevresNode {}
}
