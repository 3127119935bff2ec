// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.page.MemoryType;
import dev.memremap.page.PagemapRange;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What follows an operation's own word. Verbs that are written alike share a shape.
 *
 * <p>Thread safety: all are immutable.
 */
public sealed interface Arguments {

  /** The names among them, in the order they are written. */
  default List<String> names() {
    return List.of();
  }

  /**
   * {@code SPEC [KEY=VALUE…]}: the machine that all other operations work on.
   *
   * @param spec {@code host}, or the path of a machine file relative to the scenario
   * @param specColumn where the spec stands in its line
   * @param settings description keys that win over the file's, each once
   */
  record Machine(String spec, int specColumn, List<Setting> settings) implements Arguments {
    /** The SPEC that means the machine this runs on. */
    static final String HOST = "host";

    /**
     * One {@code KEY=VALUE}.
     *
     * @param column where the key stands in its line
     */
    public record Setting(String key, String value, int column) {}

    /** Keeps a copy of the settings. */
    public Machine {
      settings = List.copyOf(settings);
    }

    /** Whether this is the machine the scenario runs on, not a simulated one. */
    public boolean isHost() {
      return spec.equals(HOST);
    }
  }

  /**
   * {@code NAME}, defined here or earlier.
   *
   * @param name the name
   */
  record Name(String name) implements Arguments {
    @Override
    public List<String> names() {
      return List.of(name);
    }
  }

  /**
   * {@code START SIZE}.
   *
   * @param start physical address, unsigned
   * @param sizeBytes unsigned, 0 allowed
   */
  record Extent(long start, long sizeBytes) implements Arguments {}

  /**
   * {@code NAME OFFSET SIZE FLAGS}.
   *
   * @param offset physical address, unsigned
   * @param sizeBytes unsigned, 0 allowed
   * @param flags {@code WB WT WC ENC DEC} as the bits 1, 2, 4, 8, 16; others are passed on
   */
  record Memremap(String name, long offset, long sizeBytes, long flags) implements Arguments {
    @Override
    public List<String> names() {
      return List.of(name);
    }
  }

  /**
   * {@code NAME OFFSET WIDTH}, little-endian.
   *
   * @param offset bytes from the mapping's first, unsigned
   * @param widthBits 8, 16, 32 or 64
   */
  record Load(String name, long offset, int widthBits) implements Arguments {
    @Override
    public List<String> names() {
      return List.of(name);
    }
  }

  /**
   * {@code NAME OFFSET WIDTH VALUE}, little-endian.
   *
   * @param offset bytes from the mapping's first, unsigned
   * @param widthBits 8, 16, 32 or 64
   * @param value what is wider than the width is cut
   */
  record Store(String name, long offset, int widthBits, long value) implements Arguments {
    @Override
    public List<String> names() {
      return List.of(name);
    }
  }

  /**
   * {@code NAME [atomic] [dead] [reinit]}.
   *
   * @param atomic PERCPU_REF_INIT_ATOMIC
   * @param dead PERCPU_REF_INIT_DEAD
   * @param allowReinit PERCPU_REF_ALLOW_REINIT
   */
  record Ref(String name, boolean atomic, boolean dead, boolean allowReinit) implements Arguments {
    @Override
    public List<String> names() {
      return List.of(name);
    }
  }

  /**
   * {@code R [N]}.
   *
   * @param count at least 1, unsigned
   */
  record Counted(String name, long count) implements Arguments {
    @Override
    public List<String> names() {
      return List.of(name);
    }
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
   * {@code P type=T range=… [ref=R] [altmap=…] [ops=…] [owner=NAME] [shift=N]}.
   *
   * @param type empty if it is {@code 0}, not set, which is refused (D-1)
   * @param ranges at least one, in the order written
   * @param ref the caller's reference, by name
   * @param vmemmapShift log2 of a compound page in pages, unsigned; 0 if not given
   */
  record Pgmap(
      String name,
      Optional<MemoryType> type,
      List<PagemapRange> ranges,
      Optional<String> ref,
      Optional<AltmapShare> altmap,
      Set<Callback> callbacks,
      Optional<String> owner,
      long vmemmapShift)
      implements Arguments {
    /** Keeps copies. */
    public Pgmap {
      ranges = List.copyOf(ranges);
      callbacks = Set.copyOf(callbacks);
    }

    @Override
    public List<String> names() {
      return with(name, ref);
    }

    /** Whether it is of this type. */
    public boolean isOf(MemoryType wanted) {
      return type.filter(wanted::equals).isPresent();
    }
  }

  /** {@code P [dev=D]}. */
  record OnMap(String name, Optional<String> device) implements Arguments {
    @Override
    public List<String> names() {
      return with(name, device);
    }
  }

  /**
   * {@code N PFN [hint=N2]}.
   *
   * @param pfn page frame number, unsigned 64 bits
   * @param hint an earlier lookup's name, whose reference the call takes over or drops
   */
  record Lookup(String name, long pfn, Optional<String> hint) implements Arguments {
    @Override
    public List<String> names() {
      return with(name, hint);
    }
  }

  /**
   * {@code PFN}.
   *
   * @param pfn page frame number, unsigned 64 bits
   */
  record Pfn(long pfn) implements Arguments {}

  /**
   * {@code PFN [ORDER]}.
   *
   * @param pfn page frame number, unsigned 64 bits
   * @param order the logarithm of how many pages are handed out; 0 if it is left out
   */
  record HandOut(long pfn, long order) implements Arguments {}

  /**
   * {@code START+SIZE SIZE [align=ALIGN] [dev=D]}.
   *
   * @param base where a free range is looked for
   * @param sizeBytes how large it is to be
   * @param align what it is to be aligned to, if it is looked for from the bottom upwards
   * @param device the device that manages it, if one does
   */
  record FreeRegion(
      PagemapRange base, long sizeBytes, Optional<Long> align, Optional<String> device)
      implements Arguments {
    @Override
    public List<String> names() {
      return device.stream().toList();
    }
  }

  private static List<String> with(String name, Optional<String> other) {
    return Stream.concat(Stream.of(name), other.stream()).toList();
  }
}
