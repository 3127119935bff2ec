// SPDX-License-Identifier: Apache-2.0

/**
 * Real memory on Linux: PCI BARs, device DAX, DAX files, huge pages, UIO and {@code /dev/mem},
 * through the foreign function and memory API.
 *
 * @provides dev.memremap.memory.HostMemory the memory of the computer itself
 * @provides dev.memremap.ref.Membarrier membarrier(2)
 */
module dev.memremap.linux {
  requires transitive dev.memremap;
  requires jdk.nio.mapmode;
  requires static transitive org.jspecify;

  exports dev.memremap.linux;

  provides dev.memremap.memory.HostMemory with
      dev.memremap.linux.LinuxHostMemory;
  provides dev.memremap.ref.Membarrier with
      dev.memremap.linux.LinuxMembarrier;
}
