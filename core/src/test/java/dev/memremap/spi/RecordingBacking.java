// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Notes what is persisted; for tests of one thread. */
public final class RecordingBacking implements Backing {
  private final List<String> persisted = new ArrayList<>();
  private int drains;
  private boolean failing;

  @Override
  public String name() {
    return "recorded bytes";
  }

  @Override
  public void persist(MemorySegment mapped, long offset, long length) {
    if (failing) {
      throw new MemremapException(Errno.EIO, Rule.LIB_8, "recorded bytes: the media failed");
    }
    MemorySegment part = mapped.asSlice(offset, length);
    persisted.add("0x%x+%d".formatted(part.address(), length));
  }

  @Override
  public void drain() {
    drains++;
  }

  @Override
  public MemremapException lost(InternalError error) {
    return new MemremapException(
        new Refusal(Errno.EIO, Rule.LIB_8, "recorded bytes went away"), error);
  }

  /** Makes persisting fail, or stops that. */
  public void failing(boolean fail) {
    failing = fail;
  }

  /** The addresses and lengths that were persisted. */
  public List<String> persisted() {
    return persisted;
  }

  /** How often it was drained. */
  public int drains() {
    return drains;
  }

  /** Forgets what was persisted. */
  public void forget() {
    persisted.clear();
  }
}
