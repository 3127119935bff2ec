// SPDX-License-Identifier: Apache-2.0
package dev.memremap.nvdimm;

import dev.memremap.resource.PhysRange;
import java.util.Objects;

/**
 * What {@code ndctl create-namespace} is asked for, in a region of one NVDIMM that holds nothing
 * yet. 0 for an alignment or a size means not specified; {@link NamespacePlan} says which one is
 * taken.
 *
 * @param region the bytes of the region
 * @param mode what the namespace is for: {@code --mode}
 * @param map where its page structures lie: {@code --map}
 * @param labels whether the NVDIMM keeps labels, so that a region can be divided
 * @param sizeBytes the size of the namespace, info block and page structures included: {@code
 *     --size}
 * @param alignBytes what its mappings are aligned to: {@code --align}
 * @param regionAlignBytes what was written to the region's file {@code align} in sysfs
 */
public record NamespaceRequest(
    PhysRange region,
    Mode mode,
    MapLocation map,
    boolean labels,
    long sizeBytes,
    long alignBytes,
    long regionAlignBytes) {

  /** What a namespace is for. */
  public enum Mode {
    /** A block device whose file system maps the memory itself. */
    FSDAX,
    /** A character device that is mapped as it is. */
    DEVDAX
  }

  /** Where page structures lie. */
  public enum MapLocation {
    /** In RAM. */
    MEM,
    /** In the namespace itself, in an altmap. */
    DEV
  }

  /** Checks the parts. */
  public NamespaceRequest {
    if (Objects.requireNonNull(region, "region").sizeBytes() == 0) {
      throw new IllegalArgumentException(
          "a region of 2^64 bytes is the whole address space; give the region of one NVDIMM");
    }
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(map, "map");
  }

  /** What ndctl does unless told: all of the region, page structures on the device. */
  public static NamespaceRequest of(PhysRange region, Mode mode) {
    return new NamespaceRequest(region, mode, MapLocation.DEV, false, 0, 0, 0);
  }

  /** In another region. */
  public NamespaceRequest in(PhysRange region) {
    return new NamespaceRequest(region, mode, map, labels, sizeBytes, alignBytes, regionAlignBytes);
  }

  /** With page structures there. */
  public NamespaceRequest map(MapLocation map) {
    return new NamespaceRequest(region, mode, map, labels, sizeBytes, alignBytes, regionAlignBytes);
  }

  /** On an NVDIMM with labels, or without. */
  public NamespaceRequest labels(boolean kept) {
    return new NamespaceRequest(region, mode, map, kept, sizeBytes, alignBytes, regionAlignBytes);
  }

  /** Of this size in bytes, or with 0 of what the region has. */
  public NamespaceRequest size(long bytes) {
    return new NamespaceRequest(region, mode, map, labels, bytes, alignBytes, regionAlignBytes);
  }

  /** With mappings aligned to so many bytes, or with 0 as ndctl chooses. */
  public NamespaceRequest align(long bytes) {
    return new NamespaceRequest(region, mode, map, labels, sizeBytes, bytes, regionAlignBytes);
  }

  /** In a region aligned to so many bytes, or with 0 as the kernel chooses. */
  public NamespaceRequest regionAlign(long bytes) {
    return new NamespaceRequest(region, mode, map, labels, sizeBytes, alignBytes, bytes);
  }
}
