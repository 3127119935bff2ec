// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Operations on page maps, on the references that lookups take, and on pages. */
public sealed interface PagemapOperation extends Operation {

  /** The types a page map can ask for. */
  enum Type {
    /** {@code 0}: not set, which is refused (D-1). */
    UNSET,
    /** Device memory that the CPU cannot reach. */
    PRIVATE,
    /** Device memory that the CPU reaches coherently. */
    COHERENT,
    /** Persistent memory under a file system. */
    FS_DAX,
    /** Memory of no special kind. */
    GENERIC,
    /** A PCI device's memory for other devices. */
    PCI_P2PDMA
  }

  /** The callbacks a page map can have. */
  enum Callback {
    /** {@code page_free}. */
    PAGE_FREE,
    /** {@code migrate_to_ram}. */
    MIGRATE_TO_RAM,
    /** {@code memory_failure}. */
    MEMORY_FAILURE
  }

  /** An altmap's share, {@code altmap=RESERVE,FREE}, both in pages, unsigned. */
  record AltmapShare(long reservePages, long freePages) {}

  /**
   * {@code pgmap P type=T range=… [ref=R] [altmap=…] [ops=…] [owner=NAME] [shift=N]}: fills a
   * dev_pagemap and calls nothing.
   *
   * @param ranges at least one, in the order written
   * @param ref the caller's reference, by name
   * @param vmemmapShift log2 of a compound page in pages, unsigned; 0 if not given
   */
  record Pgmap(
      int line,
      String name,
      Type type,
      List<PhysSpan> ranges,
      Optional<String> ref,
      Optional<AltmapShare> altmap,
      Set<Callback> callbacks,
      Optional<String> owner,
      long vmemmapShift)
      implements PagemapOperation {
    /** Keeps copies. */
    public Pgmap {
      ranges = List.copyOf(ranges);
      callbacks = Set.copyOf(callbacks);
    }

    @Override
    public List<String> names() {
      return with(name, ref);
    }
  }

  /** {@code remap-pages P [dev=D]}. */
  record RemapPages(int line, String name, Optional<String> device) implements PagemapOperation {
    @Override
    public List<String> names() {
      return with(name, device);
    }
  }

  /** {@code unmap-pages P [dev=D]}. */
  record UnmapPages(int line, String name, Optional<String> device) implements PagemapOperation {
    @Override
    public List<String> names() {
      return with(name, device);
    }
  }

  /**
   * {@code lookup N PFN [hint=N2]}.
   *
   * @param pfn page frame number, unsigned 64 bits
   * @param hint an earlier lookup's name, whose reference the call takes over or drops
   */
  record Lookup(int line, String name, long pfn, Optional<String> hint)
      implements PagemapOperation {
    @Override
    public List<String> names() {
      return with(name, hint);
    }
  }

  /** {@code put N}: of the reference that a lookup took. */
  record Put(int line, String name) implements PagemapOperation {
    @Override
    public List<String> names() {
      return List.of(name);
    }
  }

  /** {@code page PFN}. */
  record Page(int line, long pfn) implements PagemapOperation {
    @Override
    public List<String> names() {
      return List.of();
    }
  }

  /** {@code page-get PFN}. */
  record PageGet(int line, long pfn) implements PagemapOperation {
    @Override
    public List<String> names() {
      return List.of();
    }
  }

  /** {@code page-put PFN}. */
  record PagePut(int line, long pfn) implements PagemapOperation {
    @Override
    public List<String> names() {
      return List.of();
    }
  }

  /** {@code altmap P}. */
  record Altmap(int line, String name) implements PagemapOperation {
    @Override
    public List<String> names() {
      return List.of(name);
    }
  }

  private static List<String> with(String name, Optional<String> other) {
    return Stream.concat(Stream.of(name), other.stream()).toList();
  }
}
