// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import dev.memremap.windows.Race;
import dev.memremap.windows.Windows;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A view of a page sleeps before each step of an operation, and meanwhile its map's life ends and
 * another begins: the operation changes nothing in the new life.
 */
class LifeWindowsTest {
  private static final PhysRange RANGE = PhysRange.of((1L << 40) + (2L << 20), 2L << 20);
  private static final long PFN = RANGE.firstPfn(4096) + 77;

  private static final Windows WINDOWS =
      Windows.in("Page", "PageWord", "PagemapLife", "Memmap", "TouchedBlocks");

  /** An operation across two lives. */
  static final class AcrossLives implements Race {
    private final Machine machine =
        Machine.simulated(
            MachineDescription.parse("# phys-bits=46\n00001000-3fffffff : System RAM\n"));
    private final String operation;
    private final @Nullable PercpuRef ref;
    private final DevPagemap map;
    private final Page view;

    AcrossLives(String what) {
      operation = what.split(" ")[0];
      ref = what.endsWith("caller") ? PercpuRef.init(PercpuRef.Flag.ALLOW_REINIT) : null;
      DevPagemap.Builder builder = DevPagemap.over(RANGE).type(MemoryType.GENERIC);
      builder.ops(PagemapOps.none().withPageFree(page -> {}));
      map = (ref == null ? builder : builder.ref(ref)).build();
      machine.memremapPages(map);
      view = machine.pfnToPage(PFN);
      view.get();
    }

    @Override
    public void operation() {
      try {
        switch (operation) {
          case "put" -> view.put();
          case "get" -> {
            if (view.tryGet()) {
              view.put();
            }
          }
          case "poison" -> view.poisoned(true);
          case "map" -> view.mapping(PageMapping.daxFile("/mnt/pmem/file"));
          case "reserve" -> view.reserved(false);
          case "data" -> view.zoneDeviceData(7);
          case "init" -> view.zoneDeviceInit();
          default -> throw new IllegalArgumentException(operation);
        }
      } catch (IllegalStateException refused) {
        assertThat(refused).hasMessageContaining("D-5");
      }
    }

    @Override
    public void meanwhile() throws InterruptedException {
      machine.pfnToPage(PFN).put();
      if (ref == null) {
        machine.memunmapPages(map);
      } else {
        ref.kill();
        machine.memunmapPages(map);
        while (!ref.awaitZero(Duration.ofDays(1))) {
          // the operation holds it
        }
        ref.reinit();
      }
      machine.memremapPages(map);
      Page page = machine.pfnToPage(PFN);
      page.get();
      page.get();
      page.zoneDeviceData(5);
    }

    @Override
    public void check() {
      Page page = machine.pfnToPage(PFN);
      assertThat(page.refCount()).isEqualTo(3);
      assertThat(page.isPoisoned()).isFalse();
      assertThat(page.mapping()).isNull();
      assertThat(page.isReserved()).isTrue();
      assertThat(page.zoneDeviceData()).isEqualTo(5);
      assertThat(map.outsideReferences()).isEqualTo(2);
      page.put();
      page.put();
      if (ref != null) {
        ref.kill();
      }
      machine.memunmapPages(map);
      assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    }

    @Override
    public void close() {
      machine.close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "put own", "get own", "poison own", "map own", "reserve own", "data own", "init own",
        "put caller", "get caller", "poison caller", "map caller", "reserve caller", "data caller",
            "init caller"
      })
  @DisplayName("D-5 what was begun in one life changes nothing in the next")
  void acrossLives(String what) throws Exception {
    assertThat(WINDOWS.openAll(AcrossLives.class, what)).isGreaterThan(5);
  }
}
