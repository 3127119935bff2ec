// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.json;

import dev.memremap.resource.Resource;
import tools.jackson.databind.node.ObjectNode;

/** A resource of a machine as JSON. */
public final class ResourceJson {
  private ResourceJson() {}

  /** Adds what it is; a name that {@code /proc/iomem} prints as {@code <BAD>} is null. */
  public static void fill(ObjectNode node, Resource resource) {
    RangeJson.fill(node, resource.range());
    node.put("name", resource.name());
    node.put("kind", resource.kind().name());
    node.put("busy", resource.isBusy());
    node.put("systemRam", resource.isSystemRam());
  }
}
