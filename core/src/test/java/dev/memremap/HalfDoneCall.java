// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.page.DevPagemap;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.ref.Counting;
import dev.memremap.resource.PhysRange;
import java.time.Duration;
import java.util.Objects;

/**
 * The calls that an error of the JVM may end in the middle, and what holds after each, whether it
 * did or not.
 */
enum HalfDoneCall {
  GET {
    @Override
    void on(HalfDoneSubject on) {
      on.live.get();
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      assertThat(on.live.references()).isEqualTo(on.taken(overflowed, 1));
    }
  },
  LAST_PUT {
    @Override
    void prepare(HalfDoneSubject on) {
      on.dying.get();
      on.dying.kill();
    }

    @Override
    void on(HalfDoneSubject on) {
      on.dying.put();
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      if (overflowed) {
        on.dying.put();
      }
      assertThat(on.released).isEqualTo(1);
    }
  },
  KILL {
    @Override
    void on(HalfDoneSubject on) {
      on.dying.kill();
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      if (overflowed) {
        on.dying.kill();
      }
      assertThat(on.released).isEqualTo(1);
    }
  },
  SWITCH_TO_ATOMIC {
    @Override
    void on(HalfDoneSubject on) {
      on.dying.switchToAtomic();
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      if (overflowed) {
        on.dying.switchToAtomic();
      }
      assertThat(on.dying.counting()).isEqualTo(Counting.WORD);
      assertThat(on.dying.references()).isEqualTo(1);
    }
  },
  EXIT {
    @Override
    void on(HalfDoneSubject on) {
      on.dying.exit();
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      if (overflowed) {
        on.dying.exit();
      }
      assertThat(on.dying.isExited()).isTrue();
      assertThat(on.dying.references()).isEqualTo(1);
    }
  },
  LAST_HOLD_CLOSE {
    @Override
    void prepare(HalfDoneSubject on) {
      on.machine.memremapPages(on.lent);
      on.hold = Objects.requireNonNull(on.machine.lookup(0x80000));
      on.machine.memunmapPages(on.lent);
      assertThat(on.lent.state()).isEqualTo(DevPagemap.State.DRAINING);
    }

    @Override
    void on(HalfDoneSubject on) {
      Objects.requireNonNull(on.hold).close();
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      if (overflowed) {
        Objects.requireNonNull(on.hold).close();
      }
      if (on.lent.state() == DevPagemap.State.HELD) {
        on.machine.memunmapPages(on.lent);
      }
      assertThat(on.lent.state()).isEqualTo(DevPagemap.State.UNMAPPED);
      assertThat(on.dying.isZero()).isTrue();
      assertThat(on.released).isEqualTo(1);
    }
  },
  HOLD_CLOSE {
    @Override
    void prepare(HalfDoneSubject on) {
      on.pageHold = Objects.requireNonNull(on.machine.hold(0x40000));
      on.hold = Objects.requireNonNull(on.machine.lookup(0x40001));
    }

    @Override
    void on(HalfDoneSubject on) {
      Objects.requireNonNull(on.pageHold).close();
      Objects.requireNonNull(on.hold).close();
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      Objects.requireNonNull(on.pageHold).close();
      Objects.requireNonNull(on.hold).close();
      assertThat(on.map.outsideReferences()).isEqualTo(1);
      assertThat(on.page.refCount()).isEqualTo(2);
    }
  },
  DEVM_MEMUNMAP_PAGES {
    @Override
    void prepare(HalfDoneSubject on) {
      on.device.memremapPages(on.managed);
    }

    @Override
    void on(HalfDoneSubject on) {
      on.device.memunmapPages(on.managed);
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      if (on.managed.state() != DevPagemap.State.UNMAPPED) {
        on.device.memunmapPages(on.managed);
      }
      assertThat(on.managed.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    }
  },
  PAGE_HOLD_FREES {
    @Override
    void prepare(HalfDoneSubject on) {
      on.free.zoneDeviceInit();
      on.pageHold = Objects.requireNonNull(on.machine.hold(0x4000000));
      on.free.put();
      assertThat(on.free.refCount()).isEqualTo(1);
    }

    @Override
    void on(HalfDoneSubject on) {
      Objects.requireNonNull(on.pageHold).close();
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      Objects.requireNonNull(on.pageHold).close();
      assertThat(on.free.refCount()).isZero();
      assertThat(on.freed).isEqualTo(1);
      assertThat(on.handedOut.outsideReferences()).isZero();
    }
  },
  REINIT {
    @Override
    void prepare(HalfDoneSubject on) {
      on.renewed.kill();
    }

    @Override
    void on(HalfDoneSubject on) {
      on.renewed.reinit();
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      if (on.renewed.isDying()) {
        on.renewed.reinit();
      }
      assertThat(on.renewed.tryGetLive()).isTrue();
      on.renewed.put();
      on.renewed.kill();
      assertThat(on.renewed.isZero()).isTrue();
    }
  },
  RELEASE_GROUP {
    @Override
    void prepare(HalfDoneSubject on) {
      on.device.devres().openGroup("group");
      on.device.devres().addAction(() -> on.grouped++);
      on.device.devres().closeGroup("group");
    }

    @Override
    void on(HalfDoneSubject on) {
      on.device.devres().releaseGroup("group");
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      if (overflowed && on.grouped == 0) {
        on.device.devres().releaseGroup("group");
      }
      assertThat(on.grouped).isEqualTo(1);
    }
  },
  ADD_ACTION {
    @Override
    void on(HalfDoneSubject on) {
      on.device.devres().addAction(() -> on.grouped++);
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      on.device.release();
      assertThat(on.grouped).isEqualTo(overflowed ? 0 : 1);
    }
  },
  ADD_ACTION_TO_FRESH {
    @Override
    void on(HalfDoneSubject on) {
      on.fresh.devres().addAction(() -> on.grouped++);
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      on.checkIsKnown(on.fresh, !overflowed);
      on.fresh.release();
      assertThat(on.grouped).isEqualTo(overflowed ? 0 : 1);
    }
  },
  ADD_ACTION_TO_FULL {
    @Override
    void on(HalfDoneSubject on) {
      on.full.devres().addAction(() -> on.grouped++);
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      assertThat(on.full.devres().size()).isEqualTo(HalfDoneSubject.FULL + (overflowed ? 0 : 1));
      on.full.release();
      assertThat(on.grouped).isEqualTo(overflowed ? 0 : 1);
    }
  },
  PAGE_GET {
    @Override
    void on(HalfDoneSubject on) {
      on.page.get();
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      assertThat(on.page.refCount()).isEqualTo((int) on.taken(overflowed, 1) + 1);
      assertThat(on.map.outsideReferences()).isEqualTo(on.taken(overflowed, 1));
    }
  },
  PAGE_PUT {
    @Override
    void on(HalfDoneSubject on) {
      on.page.put();
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      assertThat(on.page.refCount()).isEqualTo((int) on.taken(overflowed, -1) + 1);
      assertThat(on.map.outsideReferences()).isEqualTo(on.taken(overflowed, -1));
    }
  },
  PAGE_FREE {
    @Override
    void prepare(HalfDoneSubject on) {
      on.page.put();
    }

    @Override
    void on(HalfDoneSubject on) {
      on.page.put();
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      if (on.freed == 0) {
        on.page.put();
      }
      assertThat(on.freed).isEqualTo(1);
      assertThat(on.page.refCount()).isEqualTo(1);
      assertThat(on.map.outsideReferences()).isZero();
    }
  },
  MIGRATE_TO_RAM {
    @Override
    void prepare(HalfDoneSubject on) {
      on.free.zoneDeviceInit();
    }

    @Override
    void on(HalfDoneSubject on) {
      on.free.migrateToRam();
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      assertThat(on.handedOut.outsideReferences()).isEqualTo(1);
    }
  },
  MEMORY_FAILURE {
    @Override
    void on(HalfDoneSubject on) {
      on.machine.memoryFailure(0x40000, 1, 0);
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      assertThat(on.map.outsideReferences()).isEqualTo(1);
    }
  },
  DEVM_MEMREMAP {
    @Override
    void on(HalfDoneSubject on) {
      on.device.memremap(PhysRange.parse("0xfd400000+1M"), MemremapFlag.WC);
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      assertThat(on.machine.liveMappings()).hasSize(overflowed ? 2 : 3);
      on.device.release();
      on.machine.memremap(PhysRange.parse("0xfd400000+1M"), MemremapFlag.WB).close();
    }
  },
  DEVM_MEMREMAP_PAGES {
    @Override
    void on(HalfDoneSubject on) {
      on.device.memremapPages(on.managed);
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      if (overflowed) {
        on.device.memremapPages(on.managed);
      }
      assertThat(on.managed.state()).isEqualTo(DevPagemap.State.LIVE);
      on.device.release();
      assertThat(on.managed.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    }
  },
  DEVM_MEMREMAP_BY_FRESH {
    @Override
    void on(HalfDoneSubject on) {
      on.fresh.memremap(PhysRange.parse("0xfd400000+1M"), MemremapFlag.WC);
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      on.checkIsKnown(on.fresh, !overflowed);
      assertThat(on.machine.liveMappings()).hasSize(overflowed ? 2 : 3);
      assertThat(on.fresh.release()).isEqualTo(overflowed ? 0 : 1);
      on.machine.memremap(PhysRange.parse("0xfd400000+1M"), MemremapFlag.WB).close();
    }
  },
  DEVM_MEMREMAP_PAGES_BY_FRESH {
    @Override
    void on(HalfDoneSubject on) {
      on.fresh.memremapPages(on.managed);
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      on.checkIsKnown(on.fresh, !overflowed);
      assertThat(on.managed.state())
          .isEqualTo(overflowed ? DevPagemap.State.UNMAPPED : DevPagemap.State.LIVE);
      assertThat(on.fresh.release()).isEqualTo(overflowed ? 0 : 1);
      assertThat(on.managed.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    }
  },
  DEVM_MEMREMAP_BY_FULL {
    @Override
    void on(HalfDoneSubject on) {
      on.full.memremap(PhysRange.parse("0xfd400000+1M"), MemremapFlag.WC);
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      assertThat(on.machine.liveMappings()).hasSize(overflowed ? 2 : 3);
      assertThat(on.full.release()).isEqualTo(HalfDoneSubject.FULL + (overflowed ? 0 : 1));
      on.machine.memremap(PhysRange.parse("0xfd400000+1M"), MemremapFlag.WB).close();
    }
  },
  DEVM_MEMREMAP_PAGES_BY_FULL {
    @Override
    void on(HalfDoneSubject on) {
      on.full.memremapPages(on.managed);
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      assertThat(on.managed.state())
          .isEqualTo(overflowed ? DevPagemap.State.UNMAPPED : DevPagemap.State.LIVE);
      assertThat(on.full.release()).isEqualTo(HalfDoneSubject.FULL + (overflowed ? 0 : 1));
      assertThat(on.managed.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    }
  },
  MACHINE_CLOSE {
    @Override
    void on(HalfDoneSubject on) {
      on.machine.close();
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      if (overflowed) {
        on.machine.close();
      }
      // each action once: one of the device, and those of the full one
      assertThat(on.acted).isEqualTo(1 + HalfDoneSubject.FULL);
      assertThat(on.map.state()).isEqualTo(DevPagemap.State.DRAINING);
      on.page.put();
      assertThat(on.map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
      assertThat(on.handedOut.state()).isEqualTo(DevPagemap.State.UNMAPPED);
      assertThat(on.mapping.isOpen()).isFalse();
      assertThat(on.machine.liveMappings()).isEmpty();
    }
  },
  ZONE_DEVICE_INIT {
    @Override
    void on(HalfDoneSubject on) {
      on.free.zoneDeviceInit();
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      assertThat(on.free.refCount()).isEqualTo(overflowed ? 0 : 1);
      assertThat(on.handedOut.outsideReferences()).isEqualTo(overflowed ? 0 : 1);
    }
  },
  LOOKUP {
    @Override
    void on(HalfDoneSubject on) {
      on.machine.getDevPagemap(0x40000, null);
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      assertThat(on.map.outsideReferences()).isEqualTo(on.taken(overflowed, 1));
    }
  },
  MEMREMAP_PAGES {
    @Override
    void prepare(HalfDoneSubject on) {
      on.page.put();
      on.machine.memunmapPages(on.map);
    }

    @Override
    void on(HalfDoneSubject on) {
      on.machine.memremapPages(on.map);
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      if (overflowed) {
        on.machine.memremapPages(on.map);
      }
      assertThat(on.map.state()).isEqualTo(DevPagemap.State.LIVE);
    }
  },
  MEMUNMAP_PAGES {
    @Override
    void prepare(HalfDoneSubject on) {
      on.page.put();
    }

    @Override
    void on(HalfDoneSubject on) {
      on.machine.memunmapPages(on.map, Duration.ofMinutes(1));
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      if (on.map.state() != DevPagemap.State.UNMAPPED) {
        on.machine.memunmapPages(on.map, Duration.ofMinutes(1));
      }
      assertThat(on.map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    }
  },
  MEMREMAP {
    private static final PhysRange RANGE = PhysRange.parse("0xfd400000+1M");

    @Override
    void on(HalfDoneSubject on) {
      on.machine.memremap(RANGE, MemremapFlag.WC);
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      assertThat(on.machine.liveMappings()).hasSize(overflowed ? 2 : 3);
      if (overflowed) {
        on.machine.memremap(RANGE, MemremapFlag.WB).close();
      }
    }
  },
  IOREMAP {
    @Override
    void on(HalfDoneSubject on) {
      on.machine.ioremap(PhysRange.parse("0xfd400000+1M"));
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      if (overflowed) {
        on.machine.memremap(PhysRange.parse("0xfd400000+1M"), MemremapFlag.WB).close();
      }
    }
  },
  CLOSE {
    @Override
    void on(HalfDoneSubject on) {
      on.mapping.close();
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      if (overflowed) {
        on.mapping.close();
      }
      assertThat(on.mapping.isOpen()).isFalse();
      on.machine.memremap(HalfDoneSubject.WINDOW, MemremapFlag.WB).close();
    }
  },
  RELEASE {
    @Override
    void on(HalfDoneSubject on) {
      on.device.release();
    }

    @Override
    void check(HalfDoneSubject on, boolean overflowed) {
      if (overflowed) {
        on.device.release();
      }
      assertThat(on.acted).isEqualTo(1);
      assertThat(on.device.devres().size()).isZero();
    }
  };

  void prepare(HalfDoneSubject on) {}

  abstract void on(HalfDoneSubject on);

  abstract void check(HalfDoneSubject on, boolean overflowed);
}
