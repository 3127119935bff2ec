// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.internal.space.ResourceTree;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.vectors.Maps;
import java.util.concurrent.FutureTask;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RegionTest {
  private static final long SECTION = 0x8000000;
  private static final PhysRange RANGE = new PhysRange(0x80000000L, 0x80000fffL);

  private final ResourceTree tree = Maps.m();

  private static void refused(Errno errno, Rule rule, String sentence, ThrowingCallable call) {
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(call)
        .withMessageContaining(sentence)
        .satisfies(
            e -> {
              assertThat(e.errno()).isEqualTo(errno);
              assertThat(e.rule()).isEqualTo(rule);
            });
  }

  @Test
  @DisplayName(
      "RES-8 a region inherits type, System RAM and descriptor, and adds the caller's flags")
  void inherits() {
    Resource inCxl =
        tree.requestRegion(PhysRange.of(0x240000000L, 0x1000), "driver", ResourceFlags.EXCLUSIVE);
    assertThat(inCxl.flags())
        .isEqualTo(ResourceFlags.MEM | ResourceFlags.BUSY | ResourceFlags.EXCLUSIVE);
    assertThat(inCxl.desc()).isEqualTo(ResourceDesc.CXL);
    Resource idleRam =
        Resource.of(RANGE, "System RAM", ResourceFlags.SYSTEM_RAM, ResourceDesc.CRASH_KERNEL);
    tree.requestResource(tree.snapshot().root(), idleRam);
    Resource inRam = tree.requestRegion(RANGE, "driver", 0);
    assertThat(inRam.isSystemRam()).isTrue();
    assertThat(inRam.desc()).isEqualTo(ResourceDesc.CRASH_KERNEL);
    refused(
        Errno.EBUSY,
        Rule.RES_8,
        "'80000000-80000fff : driver' is in the way",
        () -> tree.requestRegion(PhysRange.of(0x80000800L, 1), "second", 0));
  }

  @Test
  @DisplayName("RES-8 a request that meets private memory says that no processor addresses it")
  void meetsPrivateMemory() {
    Resource made = tree.requestFreeMemRegion(new PhysRange(0, -1), SECTION, "gpu", range -> true);
    refused(
        Errno.EBUSY,
        Rule.RES_8,
        "'3ffff8000000-3fffffffffff : gpu' is in the way, memory of a device that the processor"
            + " cannot address",
        () -> tree.requestRegion(made.range(), "driver", 0));
  }

  @Test
  @DisplayName("RES-8 a muxed request waits for a muxed holder only")
  void muxed() throws Exception {
    Resource holder = tree.requestRegion(RANGE, "first", ResourceFlags.MUXED);
    refused(Errno.EBUSY, Rule.RES_8, "first", () -> tree.requestRegion(RANGE, "plain", 0));
    FutureTask<Resource> second =
        new FutureTask<>(() -> tree.requestRegion(RANGE, "second", ResourceFlags.MUXED));
    Thread waiter = Thread.ofPlatform().daemon().start(second);
    awaitWaiting(waiter);
    // a release elsewhere wakes it, and it waits on
    Resource elsewhere = tree.requestRegion(PhysRange.of(0x90000000L, 1), "elsewhere", 0);
    tree.releaseResource(elsewhere);
    awaitWaiting(waiter);
    assertThat(second).isNotDone();
    tree.releaseRegion(holder.range());
    assertThat(second.get().name()).isEqualTo("second");
    assertThat(tree.snapshot().pathTo(RANGE.start()))
        .extracting(Resource::name)
        .containsExactly("second");
    tree.releaseRegion(RANGE);
    tree.requestRegion(RANGE, "not muxed", 0);
    refused(
        Errno.EBUSY,
        Rule.RES_8,
        "not muxed",
        () -> tree.requestRegion(RANGE, "muxed", ResourceFlags.MUXED));
  }

  @Test
  @DisplayName("RES-8 a muxed request whose parent goes meanwhile begins again from the root")
  void muxedParentGoes() throws Exception {
    Resource bus = Resource.of(RANGE, "bus", ResourceFlags.MEM, ResourceDesc.NONE);
    tree.requestResource(tree.snapshot().root(), bus);
    tree.requestRegion(RANGE, "first", ResourceFlags.MUXED);
    FutureTask<Resource> second =
        new FutureTask<>(() -> tree.requestRegion(RANGE, "second", ResourceFlags.MUXED));
    awaitWaiting(Thread.ofPlatform().daemon().start(second));
    tree.releaseResource(bus);
    assertThat(second.get().name()).isEqualTo("second");
    assertThat(tree.snapshot().pathTo(RANGE.start()))
        .extracting(Resource::name)
        .containsExactly("second");
  }

  @Test
  @DisplayName("RES-8 an interrupt ends the wait of a muxed request, and stays set")
  void muxedInterrupted() throws Exception {
    tree.requestRegion(RANGE, "first", ResourceFlags.MUXED);
    FutureTask<Boolean> interrupted =
        new FutureTask<>(
            () -> {
              refused(
                  Errno.EBUSY,
                  Rule.RES_8,
                  "interrupted while waiting for '80000000-80000fff : first' to release"
                      + " 0x80000000-0x80000fff",
                  () -> tree.requestRegion(RANGE, "second", ResourceFlags.MUXED));
              return Thread.currentThread().isInterrupted();
            });
    Thread waiter = Thread.ofPlatform().daemon().start(interrupted);
    awaitWaiting(waiter);
    waiter.interrupt();
    assertThat(interrupted.get()).isTrue();
  }

  private static void awaitWaiting(Thread thread) throws InterruptedException {
    while (thread.getState() != Thread.State.WAITING) {
      assertThat(thread.isAlive()).as("the request waits").isTrue();
      Thread.sleep(1);
    }
  }

  @Test
  @DisplayName("RES-9 only a busy region is released, by exactly its bounds, with what is in it")
  void release() {
    PhysRange simplefb = PhysRange.of(0xd0000000L, 0x100000);
    for (PhysRange wrong :
        new PhysRange[] {
          PhysRange.of(0xd0000000L, 0xfffff),
          PhysRange.of(0xd0000001L, 0xfffff),
          PhysRange.of(0xd0000000L, 0x100001),
          PhysRange.of(0xd0000000L, 0x10000000),
          PhysRange.of(0x80000000L, 0x1000),
          PhysRange.of(0x280000000L - 1, 1),
        }) {
      refused(
          Errno.EINVAL,
          Rule.RES_9,
          "no busy region %s to release; give the bounds it was requested with".formatted(wrong),
          () -> tree.releaseRegion(wrong));
    }
    tree.releaseRegion(simplefb);
    assertThat(tree.snapshot().pathTo(0xd0000000L))
        .extracting(Resource::name)
        .containsExactly("PCI Bus 0000:00", "0000:00:02.0");
    tree.requestRegion(simplefb, "driver", 0);
  }

  @Test
  @DisplayName("RES-9 below a busy resource nothing is released")
  void releaseBelowBusy() {
    refused(
        Errno.EINVAL,
        Rule.RES_9,
        "0x1000000-0x1dfffff",
        () -> tree.releaseRegion(new PhysRange(0x1000000, 0x1dfffff)));
  }

  @Test
  @DisplayName(
      "RES-11 free memory is taken from the top down, in whole sections, as private memory")
  void freeMemRegion() {
    PhysRange base = new PhysRange(0, 0x27fffffffL);
    Resource first = tree.requestFreeMemRegion(base, 1, "gpu", range -> true);
    // the CXL window reaches to the end of the base, so the hole below it is the first free place
    assertThat(first.range()).isEqualTo(PhysRange.of(0x1f8000000L, SECTION));
    assertThat(first.desc()).isEqualTo(ResourceDesc.DEVICE_PRIVATE_MEMORY);
    assertThat(first.flags()).isEqualTo(ResourceFlags.MEM | ResourceFlags.BUSY);
    assertThat(tree.requestFreeMemRegion(base, SECTION + 1, "gpu", range -> true).range())
        .as("steps go by the rounded size from the end of the base, not by sections")
        .isEqualTo(PhysRange.of(0x1e0000000L, 2 * SECTION));
    assertThat(tree.snapshot().pathTo(0x1f8000000L))
        .extracting(Resource::desc)
        .containsExactly(ResourceDesc.DEVICE_PRIVATE_MEMORY);
    tree.releaseResource(first);
    assertThat(tree.requestFreeMemRegion(base, 1, "gpu", range -> true).range())
        .isEqualTo(first.range());
  }

  @Test
  @DisplayName("RES-11 the search ends at 2^46, above its own size, and at the end of the base")
  void freeMemRegionLimits() {
    assertThat(
            tree.requestFreeMemRegion(new PhysRange(0, -1), SECTION, "gpu", range -> true).range())
        .isEqualTo(PhysRange.of((1L << 46) - SECTION, SECTION));
    PhysRange full = new PhysRange(0, 0x7fffffff);
    refused(
        Errno.ERANGE,
        Rule.RES_11,
        "no free range of 0x8000000 bytes is left in 0x0-0x7fffffff",
        () -> tree.requestFreeMemRegion(full, SECTION, "gpu", range -> true));
    ResourceTree empty =
        ResourceTree.of(Resource.memoryRoot(), PageGeometry.X86_64, KernelRules.LINUX_6_1);
    refused(
        Errno.ERANGE,
        Rule.RES_11,
        "0x8000000",
        () ->
            empty.requestFreeMemRegion(
                new PhysRange(0, 2 * SECTION - 1), SECTION, "gpu", range -> true));
    assertThat(
            empty
                .requestFreeMemRegion(
                    new PhysRange(0, 3 * SECTION - 1), SECTION, "gpu", range -> true)
                .range())
        .isEqualTo(PhysRange.of(2 * SECTION, SECTION));
    refused(
        Errno.ERANGE,
        Rule.RES_11,
        "no free range of 0xffffffffffffffff bytes is left in",
        () -> empty.requestFreeMemRegion(new PhysRange(0, -1), -1, "gpu", range -> true));
    refused(
        Errno.EINVAL,
        Rule.RES_11,
        "a free range needs a size of at least one byte",
        () -> empty.requestFreeMemRegion(full, 0, "gpu", range -> true));
  }
}
