// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.space;

import dev.memremap.internal.teardown.Failures;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The arenas of one device: the one that its next mapping lives in, and earlier ones that are not
 * unmapped yet.
 *
 * <p>Thread safety: {@code arena}, {@code held} and {@code lookThroughAt} are guarded by {@code
 * this}.
 */
public final class DeviceArenas {
  /** Fewer held arenas are not looked through for those that are gone. */
  private static final int FEW_HELD = 16;

  private final AddressSpace space;
  private final Set<DeviceArena> held = new LinkedHashSet<>();
  private DeviceArena arena;
  private int lookThroughAt = FEW_HELD;

  /** The arenas of a device without mappings yet. */
  public DeviceArenas(AddressSpace space, String device) {
    this.space = space;
    this.arena = new DeviceArena(space.quota(), device);
  }

  /**
   * A region for the device's next mapping.
   *
   * @throws dev.memremap.rule.MemremapException {@code ENOMEM} if the quota is used up
   */
  public MappedRegion region() {
    return enter().region(space.memory());
  }

  private synchronized DeviceArena enter() {
    if (arena.isTooMuchLeft() && !arena.isUnused()) {
      begin();
    }
    if (arena.isTooMuchLeft()) {
      DeviceArena ofOne = arena.next();
      if (ofOne.enter()) {
        ofOne.retire();
        hold(ofOne);
        return ofOne;
      }
    }
    while (!arena.enter()) {
      begin();
    }
    return arena;
  }

  /** Retires the arena, and begins another. */
  private void begin() {
    arena.retire();
    hold(arena);
    arena = arena.next();
  }

  /** Those that are gone are dropped when there are twice as many as were left the last time. */
  private void hold(DeviceArena retired) {
    held.add(retired);
    if (held.size() >= lookThroughAt) {
      held.removeIf(DeviceArena::isGone);
      lookThroughAt = Math.max(FEW_HELD, 2 * held.size());
    }
  }

  /** Begins a release: what is mapped from now on lives in a new arena. */
  public synchronized List<DeviceArena> beginRelease() {
    held.add(arena);
    held.forEach(DeviceArena::beginRelease);
    arena = arena.next();
    return List.copyOf(held);
  }

  /**
   * Ends a release: unmaps its arenas. One that an I/O operation holds does not keep the others.
   *
   * @param arenas those of {@link #beginRelease}
   * @throws IllegalStateException if an I/O operation holds some; they are of the next release
   */
  public void endRelease(List<DeviceArena> arenas) {
    Failures failures = new Failures();
    for (DeviceArena old : arenas) {
      failures.attempt(() -> unmap(old));
    }
    failures.rethrow();
  }

  private void unmap(DeviceArena old) {
    old.unmap();
    synchronized (this) {
      held.remove(old);
    }
  }

  /** Whether nothing of the device is mapped, and nothing waits to be unmapped. */
  public synchronized boolean areUnused() {
    return held.isEmpty() && arena.isUnused();
  }
}
