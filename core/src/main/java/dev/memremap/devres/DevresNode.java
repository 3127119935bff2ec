// SPDX-License-Identifier: Apache-2.0
package dev.memremap.devres;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
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

  /**
   * What a release of a stretch of the list takes off: its resources, and the markers of the groups
   * that lie there whole. A group that only begins or ends there keeps its markers; an opening
   * marker counts as a whole group if its end is inside or yet to come (DR-5).
   *
   * <p>Called under the list's lock.
   */
  static Set<DevresNode> leaving(List<DevresNode> stretch) {
    Set<DevresNode> inside = Collections.newSetFromMap(new IdentityHashMap<>());
    inside.addAll(stretch);
    Set<DevresNode> leaving = Collections.newSetFromMap(new IdentityHashMap<>());
    for (DevresNode node : stretch) {
      switch (node) {
        case DevresRecord<?> devresRecord -> leaving.add(devresRecord);
        case GroupOpen open -> {
          if (open.end == null) {
            leaving.add(open);
          } else if (inside.contains(open.end)) {
            leaving.add(open);
            leaving.add(open.end);
          }
        }
        case GroupClose close -> {
          // goes with its opening marker, or stays with it
        }
      }
    }
    return leaving;
  }
}
