// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.space;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.teardown.Failures;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import dev.memremap.spi.AccessPath;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.MemorySource;
import dev.memremap.spi.PhysicalMemory;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A machine's memory with what was attached to it, each source at addresses of its own.
 *
 * @param memory the memory
 * @param windows where the sources are; they do not overlap
 */
public record AttachedMemory(PhysicalMemory memory, List<Window> windows) implements MemoryLayer {

  /**
   * Where a source is attached.
   *
   * @param range as long as the source
   */
  public record Window(PhysRange range, MemorySource source) {
    private String name() {
      String name = source.name();
      if (name == null) {
        throw nothing("name", "the source at " + range, "what it is called");
      }
      return name;
    }
  }

  /**
   * Where attached bytes come from.
   *
   * @param name of the source
   * @param direct whether it is mapped past the page cache
   */
  public record Origin(String name, boolean direct) {}

  /** Memory with one source more, which is closed with it. */
  static AttachedMemory of(PhysicalMemory memory, PhysRange range, MemorySource source) {
    Window added = new Window(range, source);
    if (memory instanceof AttachedMemory attached) {
      List<Window> windows = new ArrayList<>(attached.windows);
      windows.add(added);
      return new AttachedMemory(attached.memory, List.copyOf(windows));
    }
    return new AttachedMemory(memory, List.of(added));
  }

  private @Nullable Window windowAt(PhysRange range) {
    for (Window window : windows) {
      if (window.range.overlaps(range)) {
        return window;
      }
    }
    return null;
  }

  /** Where the byte at an address comes from; null if nothing was attached there. */
  @Nullable Origin originAt(long address) {
    Window window = windowAt(PhysRange.of(address, 1));
    return window == null ? null : new Origin(window.name(), window.source.isDirect());
  }

  @Override
  public AccessPath accessPath(PhysRange range, CacheMode asked, CacheMode effective) {
    Window window = windowAt(range);
    if (window == null) {
      return memory.accessPath(range, asked, effective);
    }
    String name = window.name();
    CacheMode mode = window.source.mode();
    if (mode == null) {
      throw nothing("mode", name, "the cache mode that it gives");
    }
    if (!window.range.contains(range)) {
      return blocked(
          Errno.ENXIO,
          "%s is attached at %s, and %s reaches beyond".formatted(name, window.range, range));
    }
    if (asked != mode && asked != CacheMode.WB) {
      return blocked(Errno.EOPNOTSUPP, "%s gives %s alone; ask for that".formatted(name, mode));
    }
    return AccessPath.through(asked, effective, mode, name);
  }

  private static IllegalStateException nothing(String callback, String source, String what) {
    return new IllegalStateException(
        "the %s of %s returned null; it returns %s [%s]"
            .formatted(callback, source, what, Rule.D_5.id()));
  }

  private static AccessPath blocked(Errno errno, String sentence) {
    return new AccessPath.Blocked(new Refusal(errno, Rule.LIB_6, sentence));
  }

  @Override
  public MappedBytes map(PhysRange range, AccessPath.Open path, Arena arena) {
    Window window = windowAt(range);
    if (window == null) {
      return memory.map(range, path, arena);
    }
    MappedBytes bytes =
        window.source.map(range.start() - window.range.start(), range.sizeBytes(), arena);
    if (bytes == null || bytes.segment().byteSize() != range.sizeBytes()) {
      throw new IllegalStateException(
          "the map of %s returned %s; it returns the %d bytes that were asked for, or throws [%s]"
              .formatted(
                  window.source.name(),
                  bytes == null ? "null" : bytes.segment().byteSize() + " bytes",
                  range.sizeBytes(),
                  Rule.D_5.id()));
    }
    return bytes;
  }

  @Override
  public void close() {
    Failures failures = new Failures();
    for (Window window : windows) {
      failures.attempt(window.source::close);
    }
    failures.attempt(memory::close);
    failures.rethrow();
  }
}
