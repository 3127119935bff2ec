// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.page.DevPagemap;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.ref.Counting;
import dev.memremap.resource.PhysRange;
import java.time.Duration;
import java.util.Objects;

/** Calls of a machine: mappings, page maps, pages and references. */
enum HalfDoneMachineCall implements HalfDoneCall {
  GET {
    @Override
    public void on(HalfDoneSubject on) {
      on.live.get();
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      assertThat(on.live.references()).isEqualTo(on.taken(overflowed, 1));
    }
  },
  LAST_PUT {
    @Override
    public void prepare(HalfDoneSubject on) {
      on.dying.get();
      on.dying.kill();
    }

    @Override
    public void on(HalfDoneSubject on) {
      on.dying.put();
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      if (overflowed) {
        on.dying.put();
      }
      assertThat(on.released).isEqualTo(1);
    }
  },
  KILL {
    @Override
    public void on(HalfDoneSubject on) {
      on.dying.kill();
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      if (overflowed) {
        on.dying.kill();
      }
      assertThat(on.released).isEqualTo(1);
    }
  },
  SWITCH_TO_ATOMIC {
    @Override
    public void on(HalfDoneSubject on) {
      on.dying.switchToAtomic();
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      if (overflowed) {
        on.dying.switchToAtomic();
      }
      assertThat(on.dying.counting()).isEqualTo(Counting.WORD);
      assertThat(on.dying.references()).isEqualTo(1);
    }
  },
  EXIT {
    @Override
    public void on(HalfDoneSubject on) {
      on.dying.exit();
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      if (overflowed) {
        on.dying.exit();
      }
      assertThat(on.dying.isExited()).isTrue();
      assertThat(on.dying.references()).isEqualTo(1);
    }
  },
  LAST_HOLD_CLOSE {
    @Override
    public void prepare(HalfDoneSubject on) {
      on.machine.memremapPages(on.lent);
      on.hold = Objects.requireNonNull(on.machine.lookup(0x80000));
      on.machine.memunmapPages(on.lent);
      assertThat(on.lent.state()).isEqualTo(DevPagemap.State.DRAINING);
    }

    @Override
    public void on(HalfDoneSubject on) {
      Objects.requireNonNull(on.hold).close();
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
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
    public void prepare(HalfDoneSubject on) {
      on.pageHold = Objects.requireNonNull(on.machine.hold(0x40000));
      on.hold = Objects.requireNonNull(on.machine.lookup(0x40001));
    }

    @Override
    public void on(HalfDoneSubject on) {
      Objects.requireNonNull(on.pageHold).close();
      Objects.requireNonNull(on.hold).close();
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      Objects.requireNonNull(on.pageHold).close();
      Objects.requireNonNull(on.hold).close();
      assertThat(on.map.outsideReferences()).isEqualTo(1);
      assertThat(on.page.refCount()).isEqualTo(2);
    }
  },
  PAGE_HOLD_FREES {
    @Override
    public void prepare(HalfDoneSubject on) {
      on.free.zoneDeviceInit();
      on.pageHold = Objects.requireNonNull(on.machine.hold(0x4000000));
      on.free.put();
      assertThat(on.free.refCount()).isEqualTo(1);
    }

    @Override
    public void on(HalfDoneSubject on) {
      Objects.requireNonNull(on.pageHold).close();
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      Objects.requireNonNull(on.pageHold).close();
      assertThat(on.free.refCount()).isZero();
      assertThat(on.freed).isEqualTo(1);
      assertThat(on.handedOut.outsideReferences()).isZero();
    }
  },
  REINIT {
    @Override
    public void prepare(HalfDoneSubject on) {
      on.renewed.kill();
    }

    @Override
    public void on(HalfDoneSubject on) {
      on.renewed.reinit();
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      if (on.renewed.isDying()) {
        on.renewed.reinit();
      }
      assertThat(on.renewed.tryGetLive()).isTrue();
      on.renewed.put();
      on.renewed.kill();
      assertThat(on.renewed.isZero()).isTrue();
    }
  },
  PAGE_GET {
    @Override
    public void on(HalfDoneSubject on) {
      on.page.get();
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      assertThat(on.page.refCount()).isEqualTo((int) on.taken(overflowed, 1) + 1);
      assertThat(on.map.outsideReferences()).isEqualTo(on.taken(overflowed, 1));
    }
  },
  PAGE_PUT {
    @Override
    public void on(HalfDoneSubject on) {
      on.page.put();
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      assertThat(on.page.refCount()).isEqualTo((int) on.taken(overflowed, -1) + 1);
      assertThat(on.map.outsideReferences()).isEqualTo(on.taken(overflowed, -1));
    }
  },
  PAGE_FREE {
    @Override
    public void prepare(HalfDoneSubject on) {
      on.page.put();
    }

    @Override
    public void on(HalfDoneSubject on) {
      on.page.put();
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
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
    public void prepare(HalfDoneSubject on) {
      on.free.zoneDeviceInit();
    }

    @Override
    public void on(HalfDoneSubject on) {
      on.free.migrateToRam();
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      assertThat(on.handedOut.outsideReferences()).isEqualTo(1);
    }
  },
  MEMORY_FAILURE {
    @Override
    public void on(HalfDoneSubject on) {
      on.machine.memoryFailure(0x40000, 1, 0);
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      assertThat(on.map.outsideReferences()).isEqualTo(1);
    }
  },
  MACHINE_CLOSE {
    @Override
    public void on(HalfDoneSubject on) {
      on.machine.close();
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
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
    public void on(HalfDoneSubject on) {
      on.free.zoneDeviceInit();
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      assertThat(on.free.refCount()).isEqualTo(overflowed ? 0 : 1);
      assertThat(on.handedOut.outsideReferences()).isEqualTo(overflowed ? 0 : 1);
    }
  },
  LOOKUP {
    @Override
    public void on(HalfDoneSubject on) {
      on.machine.getDevPagemap(0x40000, null);
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      assertThat(on.map.outsideReferences()).isEqualTo(on.taken(overflowed, 1));
    }
  },
  MEMREMAP_PAGES {
    @Override
    public void prepare(HalfDoneSubject on) {
      on.page.put();
      on.machine.memunmapPages(on.map);
    }

    @Override
    public void on(HalfDoneSubject on) {
      on.machine.memremapPages(on.map);
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      if (overflowed) {
        on.machine.memremapPages(on.map);
      }
      assertThat(on.map.state()).isEqualTo(DevPagemap.State.LIVE);
    }
  },
  MEMUNMAP_PAGES {
    @Override
    public void prepare(HalfDoneSubject on) {
      on.page.put();
    }

    @Override
    public void on(HalfDoneSubject on) {
      on.machine.memunmapPages(on.map, Duration.ofMinutes(1));
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      if (on.map.state() != DevPagemap.State.UNMAPPED) {
        on.machine.memunmapPages(on.map, Duration.ofMinutes(1));
      }
      assertThat(on.map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    }
  },
  MEMREMAP {
    private static final PhysRange RANGE = PhysRange.parse("0xfd400000+1M");

    @Override
    public void on(HalfDoneSubject on) {
      on.machine.memremap(RANGE, MemremapFlag.WC);
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      assertThat(on.machine.liveMappings()).hasSize(overflowed ? 2 : 3);
      if (overflowed) {
        on.machine.memremap(RANGE, MemremapFlag.WB).close();
      }
    }
  },
  IOREMAP {
    @Override
    public void on(HalfDoneSubject on) {
      on.machine.ioremap(PhysRange.parse("0xfd400000+1M"));
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      if (overflowed) {
        on.machine.memremap(PhysRange.parse("0xfd400000+1M"), MemremapFlag.WB).close();
      }
    }
  },
  CLOSE {
    @Override
    public void on(HalfDoneSubject on) {
      on.mapping.close();
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      if (overflowed) {
        on.mapping.close();
      }
      assertThat(on.mapping.isOpen()).isFalse();
      on.machine.memremap(HalfDoneSubject.WINDOW, MemremapFlag.WB).close();
    }
  }
}
