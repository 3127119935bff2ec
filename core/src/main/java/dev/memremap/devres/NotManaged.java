// SPDX-License-Identifier: Apache-2.0
package dev.memremap.devres;

import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import org.jspecify.annotations.Nullable;

/** The refusals for what a device's list does not have, all {@code ENOENT}. */
final class NotManaged {
  private NotManaged() {}

  static MemremapException resource() {
    return new MemremapException(
        Errno.ENOENT, Rule.DR_2, "the device manages no such resource; nothing was released");
  }

  static MemremapException action() {
    return new MemremapException(
        Errno.ENOENT, Rule.DR_4, "this action is not registered with the device; it was not run");
  }

  static MemremapException group(@Nullable Object id) {
    return new MemremapException(
        Errno.ENOENT,
        Rule.DR_5,
        id == null
            ? "the device has no open group; open one first"
            : "the device has no such open group: " + id);
  }
}
