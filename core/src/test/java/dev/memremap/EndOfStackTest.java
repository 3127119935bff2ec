// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.page.PagemapOps;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.ref.Counting;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A call that is made near the end of the stack: where it ends in a StackOverflowError it has
 * changed nothing, or what it began can be ended by calling it again.
 */
class EndOfStackTest {
  /** How many depths a call is made at. */
  private static final int DEPTHS = Integer.getInteger("dev.memremap.depths", 22);

  /**
   * Frames of {@link #descend} that the depths are spread over: more than 32 KiB, interpreted too.
   */
  private static final int FRAMES = 1_320;

  /** Held, so that its level stays. Machines are closed here with all that is in them. */
  private static final Logger LOGGER = Logger.getLogger("dev.memremap");

  private static int lastDeepest;

  private static final int WARM_UP = 20;
  private static final long STACK_BYTES = 512 << 10;
  private static final PhysRange WINDOW = PhysRange.parse("0xfd200000+1M");

  /** What a call is made on. Each is made anew for each depth. */
  static final class Subject implements AutoCloseable {
    final Machine machine = Machines.machine();
    final PercpuRef live = PercpuRef.init();
    int released;
    final PercpuRef dying = PercpuRef.init(() -> released++);
    final DevPagemap map = map("0x40000000+64M", MemoryType.GENERIC);
    final DevPagemap handedOut = map("0x4000000000+64M", MemoryType.PRIVATE);
    final Page page;
    final Page free;
    final Mapping mapping = machine.memremap(WINDOW, MemremapFlag.WC);
    final Device device = machine.newDevice("model");

    /** Lives by a reference of its caller, so that its unmapping does not wait. */
    final DevPagemap lent = builder("0x80000000+64M", MemoryType.GENERIC).ref(dying).build();

    /** A map that the device manages. */
    final DevPagemap managed = map("0x90000000+64M", MemoryType.GENERIC);

    @Nullable Lookup hold;
    @Nullable PageHold pageHold;
    int grouped;
    int acted;

    Subject() {
      machine.memremapPages(map);
      machine.memremapPages(handedOut);
      page = Objects.requireNonNull(machine.pfnToPage(0x40000));
      free = Objects.requireNonNull(machine.pfnToPage(0x4000000));
      page.get();
      device.devres().addAction(() -> acted++);
      device.memremap(PhysRange.parse("0xfd000000+1M"), MemremapFlag.WC);
    }

    private static DevPagemap map(String range, MemoryType type) {
      return builder(range, type).build();
    }

    private static DevPagemap.Builder builder(String range, MemoryType type) {
      return DevPagemap.over(PhysRange.parse(range))
          .type(type)
          .owner("test")
          .ops(
              new PagemapOps(
                  freed -> {}, faulted -> PagemapOps.MigrateToRam.Outcome.MIGRATED, null));
    }

    long taken(boolean overflowed, int change) {
      return 1 + (overflowed ? 0 : change);
    }

    @Override
    public void close() {
      machine.close();
    }
  }

  /** The calls, and what holds after each, whether it overflowed or not. */
  enum Call {
    GET {
      @Override
      void on(Subject on) {
        on.live.get();
      }

      @Override
      void check(Subject on, boolean overflowed) {
        assertThat(on.live.references()).isEqualTo(on.taken(overflowed, 1));
      }
    },
    LAST_PUT {
      @Override
      void prepare(Subject on) {
        on.dying.get();
        on.dying.kill();
      }

      @Override
      void on(Subject on) {
        on.dying.put();
      }

      @Override
      void check(Subject on, boolean overflowed) {
        if (overflowed) {
          on.dying.put();
        }
        assertThat(on.released).isEqualTo(1);
      }
    },
    KILL {
      @Override
      void on(Subject on) {
        on.dying.kill();
      }

      @Override
      void check(Subject on, boolean overflowed) {
        if (overflowed) {
          on.dying.kill();
        }
        assertThat(on.released).isEqualTo(1);
      }
    },
    SWITCH_TO_ATOMIC {
      @Override
      void on(Subject on) {
        on.dying.switchToAtomic();
      }

      @Override
      void check(Subject on, boolean overflowed) {
        if (overflowed) {
          on.dying.switchToAtomic();
        }
        assertThat(on.dying.counting()).isEqualTo(Counting.WORD);
        assertThat(on.dying.references()).isEqualTo(1);
      }
    },
    EXIT {
      @Override
      void on(Subject on) {
        on.dying.exit();
      }

      @Override
      void check(Subject on, boolean overflowed) {
        if (overflowed) {
          on.dying.exit();
        }
        assertThat(on.dying.isExited()).isTrue();
        assertThat(on.dying.references()).isEqualTo(1);
      }
    },
    LAST_HOLD_CLOSE {
      @Override
      void prepare(Subject on) {
        on.machine.memremapPages(on.lent);
        on.hold = Objects.requireNonNull(on.machine.lookup(0x80000));
        on.machine.memunmapPages(on.lent);
        assertThat(on.lent.state()).isEqualTo(DevPagemap.State.DRAINING);
      }

      @Override
      void on(Subject on) {
        Objects.requireNonNull(on.hold).close();
      }

      @Override
      void check(Subject on, boolean overflowed) {
        if (overflowed) {
          Objects.requireNonNull(on.hold).close();
        }
        assertThat(on.lent.state()).isEqualTo(DevPagemap.State.UNMAPPED);
        assertThat(on.dying.isZero()).isTrue();
        assertThat(on.released).isEqualTo(1);
      }
    },
    HOLD_CLOSE {
      @Override
      void prepare(Subject on) {
        on.pageHold = Objects.requireNonNull(on.machine.hold(0x40000));
        on.hold = Objects.requireNonNull(on.machine.lookup(0x40001));
      }

      @Override
      void on(Subject on) {
        Objects.requireNonNull(on.pageHold).close();
        Objects.requireNonNull(on.hold).close();
      }

      @Override
      void check(Subject on, boolean overflowed) {
        Objects.requireNonNull(on.pageHold).close();
        Objects.requireNonNull(on.hold).close();
        assertThat(on.map.outsideReferences()).isEqualTo(1);
        assertThat(on.page.refCount()).isEqualTo(2);
      }
    },
    DEVM_MEMUNMAP_PAGES {
      @Override
      void prepare(Subject on) {
        on.device.memremapPages(on.managed);
      }

      @Override
      void on(Subject on) {
        on.device.memunmapPages(on.managed);
      }

      @Override
      void check(Subject on, boolean overflowed) {
        if (on.managed.state() != DevPagemap.State.UNMAPPED) {
          on.device.memunmapPages(on.managed);
        }
        assertThat(on.managed.state()).isEqualTo(DevPagemap.State.UNMAPPED);
      }
    },
    RELEASE_GROUP {
      @Override
      void prepare(Subject on) {
        on.device.devres().openGroup("group");
        on.device.devres().addAction(() -> on.grouped++);
        on.device.devres().closeGroup("group");
      }

      @Override
      void on(Subject on) {
        on.device.devres().releaseGroup("group");
      }

      @Override
      void check(Subject on, boolean overflowed) {
        if (overflowed && on.grouped == 0) {
          on.device.devres().releaseGroup("group");
        }
        assertThat(on.grouped).isEqualTo(1);
      }
    },
    ADD_ACTION {
      @Override
      void on(Subject on) {
        on.device.devres().addAction(() -> on.grouped++);
      }

      @Override
      void check(Subject on, boolean overflowed) {
        on.device.release();
        assertThat(on.grouped).isEqualTo(overflowed ? 0 : 1);
      }
    },
    PAGE_GET {
      @Override
      void on(Subject on) {
        on.page.get();
      }

      @Override
      void check(Subject on, boolean overflowed) {
        assertThat(on.page.refCount()).isEqualTo((int) on.taken(overflowed, 1) + 1);
        assertThat(on.map.outsideReferences()).isEqualTo(on.taken(overflowed, 1));
      }
    },
    PAGE_PUT {
      @Override
      void on(Subject on) {
        on.page.put();
      }

      @Override
      void check(Subject on, boolean overflowed) {
        assertThat(on.page.refCount()).isEqualTo((int) on.taken(overflowed, -1) + 1);
        assertThat(on.map.outsideReferences()).isEqualTo(on.taken(overflowed, -1));
      }
    },
    ZONE_DEVICE_INIT {
      @Override
      void on(Subject on) {
        on.free.zoneDeviceInit();
      }

      @Override
      void check(Subject on, boolean overflowed) {
        assertThat(on.free.refCount()).isEqualTo(overflowed ? 0 : 1);
        assertThat(on.handedOut.outsideReferences()).isEqualTo(overflowed ? 0 : 1);
      }
    },
    LOOKUP {
      @Override
      void on(Subject on) {
        on.machine.getDevPagemap(0x40000, null);
      }

      @Override
      void check(Subject on, boolean overflowed) {
        assertThat(on.map.outsideReferences()).isEqualTo(on.taken(overflowed, 1));
      }
    },
    MEMREMAP_PAGES {
      @Override
      void prepare(Subject on) {
        on.page.put();
        on.machine.memunmapPages(on.map);
      }

      @Override
      void on(Subject on) {
        on.machine.memremapPages(on.map);
      }

      @Override
      void check(Subject on, boolean overflowed) {
        if (overflowed) {
          on.machine.memremapPages(on.map);
        }
        assertThat(on.map.state()).isEqualTo(DevPagemap.State.LIVE);
      }
    },
    MEMUNMAP_PAGES {
      @Override
      void prepare(Subject on) {
        on.page.put();
      }

      @Override
      void on(Subject on) {
        on.machine.memunmapPages(on.map, Duration.ofMinutes(1));
      }

      @Override
      void check(Subject on, boolean overflowed) {
        if (overflowed) {
          on.machine.memunmapPages(on.map, Duration.ofMinutes(1));
        }
        assertThat(on.map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
      }
    },
    MEMREMAP {
      private static final PhysRange RANGE = PhysRange.parse("0xfd400000+1M");

      @Override
      void on(Subject on) {
        on.machine.memremap(RANGE, MemremapFlag.WC);
      }

      @Override
      void check(Subject on, boolean overflowed) {
        assertThat(on.machine.liveMappings()).hasSize(overflowed ? 2 : 3);
        if (overflowed) {
          on.machine.memremap(RANGE, MemremapFlag.WB).close();
        }
      }
    },
    IOREMAP {
      @Override
      void on(Subject on) {
        on.machine.ioremap(PhysRange.parse("0xfd400000+1M"));
      }

      @Override
      void check(Subject on, boolean overflowed) {
        if (overflowed) {
          on.machine.memremap(PhysRange.parse("0xfd400000+1M"), MemremapFlag.WB).close();
        }
      }
    },
    CLOSE {
      @Override
      void on(Subject on) {
        on.mapping.close();
      }

      @Override
      void check(Subject on, boolean overflowed) {
        if (overflowed) {
          on.mapping.close();
        }
        assertThat(on.mapping.isOpen()).isFalse();
        on.machine.memremap(WINDOW, MemremapFlag.WB).close();
      }
    },
    RELEASE {
      @Override
      void on(Subject on) {
        on.device.release();
      }

      @Override
      void check(Subject on, boolean overflowed) {
        if (overflowed) {
          on.device.release();
        }
        assertThat(on.acted).isEqualTo(1);
        assertThat(on.device.devres().size()).isZero();
      }
    };

    void prepare(Subject on) {}

    abstract void on(Subject on);

    abstract void check(Subject on, boolean overflowed);
  }

  @BeforeAll
  static void silence() {
    LOGGER.setLevel(Level.OFF);
  }

  @AfterAll
  static void speak() {
    LOGGER.setLevel(null);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("a call that overflows the stack has changed nothing, or can be ended by another")
  void nothingHalfDone(Call call) throws InterruptedException {
    AtomicReference<Throwable> failed = new AtomicReference<>();
    Thread thread =
        new Thread(
            null,
            () -> {
              try {
                atEachDepth(call);
              } catch (Throwable e) {
                failed.set(e);
              }
            },
            "end of the stack",
            STACK_BYTES);
    thread.start();
    thread.join();
    assertThat(failed.get()).isNull();
  }

  private static void atEachDepth(Call call) {
    // what is loaded and linked at the first call would need more stack than any later one
    isOverflowing(call, 0);
    for (int i = 0; i < WARM_UP; i++) {
      deepest();
    }
    List<Boolean> overflowed = new ArrayList<>();
    for (int i = 0; i < DEPTHS; i++) {
      // found anew each time, for frames shrink when they are compiled
      overflowed.add(isOverflowing(call, deepest() - i * FRAMES / DEPTHS));
    }
    assertThat(overflowed).as("%s, from the end of the stack upwards", call).contains(true);
  }

  /** Makes a call below so many frames, and checks what it did. */
  private static boolean isOverflowing(Call call, int frames) {
    try (Subject subject = new Subject()) {
      call.prepare(subject);
      boolean overflowed = false;
      try {
        descend(frames, () -> call.on(subject));
      } catch (StackOverflowError e) {
        overflowed = true;
      }
      call.check(subject, overflowed);
      return overflowed;
    }
  }

  private static boolean descend(int frames, Runnable then) {
    if (frames == 0) {
      then.run();
      return true;
    }
    return descend(frames - 1, then);
  }

  /**
   * How many frames fit on the stack. The answer is looked for around the last one, since each
   * overflow is unwound frame by frame.
   */
  private static int deepest() {
    int fits = lastDeepest;
    int step = 1;
    while (fits > 0 && !fits(fits)) {
      fits = Math.max(fits - step, 0);
      step *= 2;
    }
    step = 1;
    while (fits(fits + step)) {
      fits += step;
      step *= 2;
    }
    int overflows = fits + step;
    while (overflows - fits > 1) {
      int middle = (fits + overflows) >>> 1;
      if (fits(middle)) {
        fits = middle;
      } else {
        overflows = middle;
      }
    }
    lastDeepest = fits;
    return fits;
  }

  private static boolean fits(int frames) {
    try {
      return descend(frames, () -> {});
    } catch (StackOverflowError e) {
      return false;
    }
  }
}
