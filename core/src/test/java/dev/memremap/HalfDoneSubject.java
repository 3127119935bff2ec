// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.page.PagemapOps;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a {@link HalfDoneCall} is made on; made anew for each call. */
final class HalfDoneSubject implements AutoCloseable {
  static final PhysRange WINDOW = PhysRange.parse("0xfd200000+1M");

  final Machine machine = Machines.machine();
  final PercpuRef live = PercpuRef.init();
  int released;
  final PercpuRef dying = PercpuRef.init(() -> released++);
  final PercpuRef renewed = PercpuRef.init(PercpuRef.Flag.ALLOW_REINIT);
  final DevPagemap map = map("0x40000000+64M", MemoryType.GENERIC);
  final DevPagemap handedOut = map("0x4000000000+64M", MemoryType.PRIVATE);
  final Page page;
  final Page free;
  final Mapping mapping = machine.memremap(WINDOW, MemremapFlag.WC);
  final Device device = machine.newDevice("model");

  /** Holds nothing, and was released, so that its machine lists it no more. */
  final Device fresh = machine.newDevice("fresh");

  /** How many records fill the room of a list that began with none: it grows to 9, then to 13. */
  static final int FULL = 9;

  final Device full = machine.newDevice("full");

  /** Lives by a reference of its caller, so that its unmapping does not wait. */
  final DevPagemap lent = builder("0x80000000+64M", MemoryType.GENERIC).ref(dying).build();

  /** A map that the device manages. */
  final DevPagemap managed = map("0x90000000+64M", MemoryType.GENERIC);

  @Nullable Lookup hold;
  @Nullable PageHold pageHold;
  int freed;
  int grouped;
  int acted;

  HalfDoneSubject() {
    machine.memremapPages(map);
    machine.memremapPages(handedOut);
    page = Objects.requireNonNull(machine.pfnToPage(0x40000));
    free = Objects.requireNonNull(machine.pfnToPage(0x4000000));
    page.get();
    device.devres().addAction(() -> acted++);
    device.memremap(PhysRange.parse("0xfd000000+1M"), MemremapFlag.WC);
    fresh.release();
    for (int i = 0; i < FULL; i++) {
      full.devres().addAction(() -> acted++);
    }
  }

  private DevPagemap map(String range, MemoryType type) {
    return builder(range, type).build();
  }

  private DevPagemap.Builder builder(String range, MemoryType type) {
    return DevPagemap.over(PhysRange.parse(range))
        .type(type)
        .owner("test")
        .ops(
            new PagemapOps(
                page -> freed++, faulted -> PagemapOps.MigrateToRam.Outcome.MIGRATED, null, null));
  }

  long taken(boolean overflowed, int change) {
    return 1 + (overflowed ? 0 : change);
  }

  /** A device is known by its name while it holds something. */
  void checkIsKnown(Device holds, boolean isKnown) {
    if (isKnown) {
      assertThat(machine.device(holds.name())).isSameAs(holds);
    } else {
      assertThat(holds.devres().size()).isZero();
      assertThatIllegalArgumentException().isThrownBy(() -> machine.device(holds.name()));
    }
  }

  @Override
  public void close() {
    machine.close();
  }
}
