// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.space;

import dev.memremap.cache.CacheMode;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import dev.memremap.spi.AccessPath;
import dev.memremap.spi.HardwareDevice;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.MemorySource;
import dev.memremap.spi.PhysicalMemory;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A machine's memory, and what was attached to it at addresses of its own.
 *
 * <p>Thread safety: {@code windows} is an immutable list, replaced while {@code this} is locked and
 * read without; it is volatile, so a range that an attach returned is found from then on.
 */
public final class AttachedMemory implements PhysicalMemory {
  private final PhysicalMemory memory;
  private volatile List<Window> windows = List.of();

  private record Window(PhysRange range, MemorySource source) {}

  /** Memory to which nothing is attached yet; closing this closes it. */
  public AttachedMemory(PhysicalMemory memory) {
    this.memory = memory;
  }

  /**
   * Attaches a source. From then on it is closed with this memory.
   *
   * @param range where; as long as the source, in no other window
   */
  public synchronized void attach(PhysRange range, MemorySource source) {
    List<Window> next = new ArrayList<>(windows);
    next.add(new Window(range, source));
    windows = List.copyOf(next);
  }

  private @Nullable Window windowAt(PhysRange range) {
    for (Window window : windows) {
      if (window.range.overlaps(range)) {
        return window;
      }
    }
    return null;
  }

  @Override
  public AccessPath accessPath(PhysRange range, CacheMode asked, CacheMode effective) {
    Window window = windowAt(range);
    if (window == null) {
      return memory.accessPath(range, asked, effective);
    }
    String name = window.source.name();
    CacheMode mode = window.source.mode();
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

  private static AccessPath blocked(Errno errno, String sentence) {
    return new AccessPath.Blocked(new Refusal(errno, Rule.LIB_6, sentence));
  }

  @Override
  public MappedBytes map(PhysRange range, AccessPath.Open path, Arena arena) {
    Window window = windowAt(range);
    if (window == null) {
      return memory.map(range, path, arena);
    }
    return window.source.map(range.start() - window.range.start(), range.sizeBytes(), arena);
  }

  @Override
  public PhysRange directMapUnit(PhysRange wanted, PhysRange run) {
    return memory.directMapUnit(wanted, run);
  }

  @Override
  public List<HardwareDevice> devices() {
    return memory.devices();
  }

  @Override
  public boolean isPresent(HardwareDevice device) {
    return memory.isPresent(device);
  }

  @Override
  public OptionalLong mappingLimit() {
    return memory.mappingLimit();
  }

  @Override
  public String mappingLimitSource() {
    return memory.mappingLimitSource();
  }

  @Override
  public void close() {
    windows.forEach(window -> window.source.close());
    memory.close();
  }
}
