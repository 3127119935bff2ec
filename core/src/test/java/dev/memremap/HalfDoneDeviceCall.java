// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.page.DevPagemap;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;

/** Calls of a device and its managed resources. */
enum HalfDoneDeviceCall implements HalfDoneCall {
  DEVM_MEMUNMAP_PAGES {
    @Override
    public void prepare(HalfDoneSubject on) {
      on.device.memremapPages(on.managed);
    }

    @Override
    public void on(HalfDoneSubject on) {
      on.device.memunmapPages(on.managed);
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      if (on.managed.state() != DevPagemap.State.UNMAPPED) {
        on.device.memunmapPages(on.managed);
      }
      assertThat(on.managed.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    }
  },
  RELEASE_GROUP {
    @Override
    public void prepare(HalfDoneSubject on) {
      on.device.devres().openGroup("group");
      on.device.devres().addAction(() -> on.grouped++);
      on.device.devres().closeGroup("group");
    }

    @Override
    public void on(HalfDoneSubject on) {
      on.device.devres().releaseGroup("group");
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      if (overflowed && on.grouped == 0) {
        on.device.devres().releaseGroup("group");
      }
      assertThat(on.grouped).isEqualTo(1);
    }
  },
  ADD_ACTION {
    @Override
    public void on(HalfDoneSubject on) {
      on.device.devres().addAction(() -> on.grouped++);
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      on.device.release();
      assertThat(on.grouped).isEqualTo(overflowed ? 0 : 1);
    }
  },
  ADD_ACTION_TO_FRESH {
    @Override
    public void on(HalfDoneSubject on) {
      on.fresh.devres().addAction(() -> on.grouped++);
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      on.checkIsKnown(on.fresh, !overflowed);
      on.fresh.release();
      assertThat(on.grouped).isEqualTo(overflowed ? 0 : 1);
    }
  },
  ADD_ACTION_TO_FULL {
    @Override
    public void on(HalfDoneSubject on) {
      on.full.devres().addAction(() -> on.grouped++);
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      assertThat(on.full.devres().size()).isEqualTo(HalfDoneSubject.FULL + (overflowed ? 0 : 1));
      on.full.release();
      assertThat(on.grouped).isEqualTo(overflowed ? 0 : 1);
    }
  },
  DEVM_MEMREMAP {
    @Override
    public void on(HalfDoneSubject on) {
      on.device.memremap(PhysRange.parse("0xfd400000+1M"), MemremapFlag.WC);
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      assertThat(on.machine.liveMappings()).hasSize(overflowed ? 2 : 3);
      on.device.release();
      on.machine.memremap(PhysRange.parse("0xfd400000+1M"), MemremapFlag.WB).close();
    }
  },
  DEVM_MEMREMAP_PAGES {
    @Override
    public void on(HalfDoneSubject on) {
      on.device.memremapPages(on.managed);
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
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
    public void on(HalfDoneSubject on) {
      on.fresh.memremap(PhysRange.parse("0xfd400000+1M"), MemremapFlag.WC);
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      on.checkIsKnown(on.fresh, !overflowed);
      assertThat(on.machine.liveMappings()).hasSize(overflowed ? 2 : 3);
      assertThat(on.fresh.release()).isEqualTo(overflowed ? 0 : 1);
      on.machine.memremap(PhysRange.parse("0xfd400000+1M"), MemremapFlag.WB).close();
    }
  },
  DEVM_MEMREMAP_PAGES_BY_FRESH {
    @Override
    public void on(HalfDoneSubject on) {
      on.fresh.memremapPages(on.managed);
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      on.checkIsKnown(on.fresh, !overflowed);
      assertThat(on.managed.state())
          .isEqualTo(overflowed ? DevPagemap.State.UNMAPPED : DevPagemap.State.LIVE);
      assertThat(on.fresh.release()).isEqualTo(overflowed ? 0 : 1);
      assertThat(on.managed.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    }
  },
  DEVM_MEMREMAP_BY_FULL {
    @Override
    public void on(HalfDoneSubject on) {
      on.full.memremap(PhysRange.parse("0xfd400000+1M"), MemremapFlag.WC);
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      assertThat(on.machine.liveMappings()).hasSize(overflowed ? 2 : 3);
      assertThat(on.full.release()).isEqualTo(HalfDoneSubject.FULL + (overflowed ? 0 : 1));
      on.machine.memremap(PhysRange.parse("0xfd400000+1M"), MemremapFlag.WB).close();
    }
  },
  DEVM_MEMREMAP_PAGES_BY_FULL {
    @Override
    public void on(HalfDoneSubject on) {
      on.full.memremapPages(on.managed);
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      assertThat(on.managed.state())
          .isEqualTo(overflowed ? DevPagemap.State.UNMAPPED : DevPagemap.State.LIVE);
      assertThat(on.full.release()).isEqualTo(HalfDoneSubject.FULL + (overflowed ? 0 : 1));
      assertThat(on.managed.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    }
  },
  RELEASE {
    @Override
    public void on(HalfDoneSubject on) {
      on.device.release();
    }

    @Override
    public void check(HalfDoneSubject on, boolean overflowed) {
      if (overflowed) {
        on.device.release();
      }
      assertThat(on.acted).isEqualTo(1);
      assertThat(on.device.devres().size()).isZero();
    }
  }
}
