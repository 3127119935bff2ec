// SPDX-License-Identifier: Apache-2.0
package dev.memremap.nvdimm;

import dev.memremap.resource.PhysRange;
import java.util.Objects;

/**
 * A request to {@code ndctl create-namespace}, in an empty region of one NVDIMM. An alignment or
 * size of 0 is not specified; {@link NamespacePlan} says which one is used.
 *
 * @param region the bytes of the region
 * @param mode what the namespace is for: {@code --mode}
 * @param map where its page structures lie: {@code --map}
 * @param labels whether the NVDIMM keeps labels, so that a region can be divided
 * @param sizeBytes the size of the namespace, info block and page structures included: {@code
 *     --size}
 * @param alignBytes the alignment of its mappings: {@code --align}
 * @param regionAlignBytes the value written to the region's file {@code align} in sysfs
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

  /** Returns ndctl's defaults: all of the region, page structures on the device. */
  public static NamespaceRequest of(PhysRange region, Mode mode) {
    return new NamespaceRequest(region, mode, MapLocation.DEV, false, 0, 0, 0);
  }

  /** Returns this request in another region. */
  public NamespaceRequest in(PhysRange region) {
    return new NamespaceRequest(region, mode, map, labels, sizeBytes, alignBytes, regionAlignBytes);
  }

  /** Returns this request with page structures in this place. */
  public NamespaceRequest map(MapLocation map) {
    return new NamespaceRequest(region, mode, map, labels, sizeBytes, alignBytes, regionAlignBytes);
  }

  /** Returns this request on an NVDIMM with labels, or without. */
  public NamespaceRequest labels(boolean kept) {
    return new NamespaceRequest(region, mode, map, kept, sizeBytes, alignBytes, regionAlignBytes);
  }

  /** Returns this request with this size in bytes; 0 for all that the region has. */
  public NamespaceRequest size(long bytes) {
    return new NamespaceRequest(region, mode, map, labels, bytes, alignBytes, regionAlignBytes);
  }

  /** Returns this request with mappings aligned to this many bytes; 0 for ndctl's choice. */
  public NamespaceRequest align(long bytes) {
    return new NamespaceRequest(region, mode, map, labels, sizeBytes, bytes, regionAlignBytes);
  }

  /** Returns this request in a region aligned to this many bytes; 0 for the kernel's choice. */
  public NamespaceRequest regionAlign(long bytes) {
    return new NamespaceRequest(region, mode, map, labels, sizeBytes, alignBytes, bytes);
  }
}
