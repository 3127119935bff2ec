// SPDX-License-Identifier: Apache-2.0
package dev.memremap.vectors;

import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.internal.space.ResourceTree;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceDesc;
import dev.memremap.resource.ResourceFlags;

/**
 * The address maps that the table of vectors speaks of, made resource by resource with the flags it
 * gives them, so that they rest on no reader of text.
 *
 * <p>Thread safety: immutable; each call makes a tree of its own.
 */
public final class Maps {
  /** Where map K begins. */
  public static final long K_BASE = 0x10000000;

  private static final long MEM = ResourceFlags.MEM;
  private static final long BUSY = ResourceFlags.BUSY;
  private static final long RAM = ResourceFlags.SYSTEM_RAM | BUSY;
  private static final long MIB = 1 << 20;

  private Maps() {}

  /** Map M: a machine with RAM, a PCI bus, persistent memory of both kinds and a CXL window. */
  public static ResourceTree m() {
    Growing map = new Growing();
    map.put(0, 0x0, 0xfff, "Reserved", MEM | BUSY, ResourceDesc.RESERVED);
    map.put(0, 0x1000, 0x9fbff, "System RAM", RAM, ResourceDesc.NONE);
    map.put(0, 0xa0000, 0xfffff, "PCI Bus 0000:00", MEM, ResourceDesc.NONE);
    map.put(
        1, 0xc0000, 0xc7fff, "Video ROM", MEM | BUSY | ResourceFlags.READONLY, ResourceDesc.NONE);
    map.put(0, 0x100000, 0x7fffffff, "System RAM", RAM, ResourceDesc.NONE);
    map.put(1, 0x1000000, 0x1dfffff, "Kernel code", RAM, ResourceDesc.NONE);
    map.put(0, 0xc0000000L, 0xfebfffffL, "PCI Bus 0000:00", MEM, ResourceDesc.NONE);
    map.put(
        1,
        0xd0000000L,
        0xdfffffffL,
        "0000:00:02.0",
        MEM | ResourceFlags.PREFETCH,
        ResourceDesc.NONE);
    map.put(2, 0xd0000000L, 0xd00fffffL, "simplefb", MEM | BUSY, ResourceDesc.NONE);
    map.put(0, 0xfee00000L, 0xfee00fffL, "Local APIC", MEM | BUSY, ResourceDesc.NONE);
    map.put(0, 0x100000000L, 0x13fffffffL, "System RAM", RAM, ResourceDesc.NONE);
    ResourceDesc pmem = ResourceDesc.PERSISTENT_MEMORY;
    map.put(0, 0x140000000L, 0x17fffffffL, "Persistent Memory", MEM, pmem);
    map.put(1, 0x140000000L, 0x17fffffffL, "namespace0.0", MEM | BUSY, pmem);
    map.put(
        0,
        0x180000000L,
        0x1bfffffffL,
        "Persistent Memory (legacy)",
        MEM,
        ResourceDesc.PERSISTENT_MEMORY_LEGACY);
    map.put(0, 0x1c0000000L, 0x1c3ffffffL, "System RAM", RAM, ResourceDesc.NONE);
    map.put(0, 0x1c4000000L, 0x1cfffffffL, "Persistent Memory", MEM, pmem);
    map.put(0, 0x200000000L, 0x2ffffffffL, "CXL Window 0", MEM, ResourceDesc.CXL);
    map.put(1, 0x200000000L, 0x23fffffffL, "System RAM (kmem)", RAM, ResourceDesc.NONE);
    map.put(1, 0x280000000L, 0x2bfffffffL, "dax1.0", MEM | BUSY, ResourceDesc.CXL);
    return map.tree;
  }

  /** Map K: RAM inside windows and between them, above {@link #K_BASE}; nothing else. */
  public static ResourceTree k() {
    Growing map = new Growing();
    map.put(0, K_BASE, K_BASE + MIB - 1, "System RAM", RAM, ResourceDesc.NONE);
    map.put(0, K_BASE + 2 * MIB, K_BASE + 3 * MIB - 1, "CXL Window 0", MEM, ResourceDesc.NONE);
    map.put(0, K_BASE + 3 * MIB, K_BASE + 4 * MIB - 1, "System RAM", RAM, ResourceDesc.NONE);
    map.put(0, K_BASE + 4 * MIB, K_BASE + 7 * MIB - 1, "CXL Window 1", MEM, ResourceDesc.NONE);
    map.put(1, K_BASE + 4 * MIB, K_BASE + 5 * MIB - 1, "System RAM", RAM, ResourceDesc.NONE);
    long code = K_BASE + 4 * MIB + (128 << 10);
    map.put(2, code, code + (128 << 10) - 1, "Kernel code", RAM, ResourceDesc.NONE);
    map.put(1, K_BASE + 5 * MIB, K_BASE + 6 * MIB - 1, "System RAM", RAM, ResourceDesc.NONE);
    return map.tree;
  }

  /** Puts resources in one after the other, each below the last one of the level above. */
  private static final class Growing {
    private final ResourceTree tree =
        ResourceTree.of(Resource.memoryRoot(), PageGeometry.X86_64, KernelRules.LINUX_6_1);
    private final Resource[] last = new Resource[4];

    Growing() {
      last[0] = tree.snapshot().root();
    }

    void put(int level, long start, long end, String name, long flags, ResourceDesc desc) {
      Resource resource = Resource.of(new PhysRange(start, end), name, flags, desc);
      tree.requestResource(last[level], resource);
      last[level + 1] = resource;
    }
  }
}
