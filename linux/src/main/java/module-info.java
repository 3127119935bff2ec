// SPDX-License-Identifier: Apache-2.0

/**
 * Real memory on Linux: PCI BARs, device DAX, DAX files, huge pages, UIO and {@code /dev/mem},
 * through the foreign function and memory API.
 *
 * @provides dev.memremap.spi.HostMemory the memory of the computer
 * @provides dev.memremap.spi.Membarrier membarrier(2)
 */
module dev.memremap.linux {
  requires transitive dev.memremap;
  requires static org.jspecify;

  exports dev.memremap.linux;

  provides dev.memremap.spi.HostMemory with
      dev.memremap.linux.LinuxHostMemory;
  provides dev.memremap.spi.Membarrier with
      dev.memremap.linux.LinuxMembarrier;
}
