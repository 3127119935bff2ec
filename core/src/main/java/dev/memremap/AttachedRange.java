// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.memory.AttachedMemory;
import dev.memremap.memory.MemorySource;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceTree;

/** Where a machine's tree of resources has room for memory without an address. */
final class AttachedRange {
  private AttachedRange() {}

  /**
   * Attaches a source at the highest free range below the machine's last address, as the kernel
   * places memory that no processor can address (RES-11).
   */
  static Resource in(Machine machine, AttachedMemory memory, String name, MemorySource source) {
    synchronized (memory) {
      return attach(machine, memory, name, source);
    }
  }

  private static Resource attach(
      Machine machine, AttachedMemory memory, String name, MemorySource source) {
    ResourceTree tree = machine.resources();
    requireFree(tree, name);
    PhysRange addresses = new PhysRange(0, machine.description().lastAddress());
    // it takes whole sections; what is left of the last is nobody's
    Resource window = tree.requestFreeMemRegion(addresses, source.sizeBytes(), name);
    PhysRange range = PhysRange.of(window.range().start(), source.sizeBytes());
    tree.releaseResource(window);
    Resource attached = tree.requestRegion(range, name, 0);
    machine.memtypes().exemptFromMtrrs(RemapRules.pages(range));
    memory.attach(range, source);
    return attached;
  }

  private static void requireFree(ResourceTree tree, String name) {
    tree.snapshot()
        .walk(
            (resource, depth) -> {
              if (name.equals(resource.name())) {
                throw new IllegalArgumentException(
                    "the name %s is taken by %s; attach it under another"
                        .formatted(name, resource));
              }
            });
  }
}
