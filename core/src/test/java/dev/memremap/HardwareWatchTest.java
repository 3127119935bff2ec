// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.internal.space.HardwareWatch;
import dev.memremap.spi.HardwareDevice;
import dev.memremap.spi.HardwareDevice.Kind;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Hardware is looked at until it is gone. */
class HardwareWatchTest {
  private static final HardwareDevice GPU = new HardwareDevice("gpu", Kind.PCI, "", List.of());
  private static final HardwareDevice DAX = new HardwareDevice("dax0.0", Kind.DAX, "", List.of());

  @Test
  @DisplayName("a device that goes is told of once, and the others are watched on")
  void told() throws InterruptedException {
    Set<String> present = ConcurrentHashMap.newKeySet();
    present.addAll(List.of("gpu", "dax0.0"));
    AtomicInteger gpu = new AtomicInteger();
    CountDownLatch gpuGone = new CountDownLatch(1);
    CountDownLatch daxGone = new CountDownLatch(1);
    HardwareWatch watch = HardwareWatch.start(device -> present.contains(device.name()));
    try {
      watch.add(
          GPU,
          () -> {
            gpu.incrementAndGet();
            gpuGone.countDown();
          });
      watch.add(DAX, daxGone::countDown);
      present.remove("gpu");
      gpuGone.await();
      assertThat(daxGone.getCount()).isEqualTo(1);
      present.remove("dax0.0");
      daxGone.await();
      assertThat(gpu).hasValue(1);
    } finally {
      watch.stop();
    }
  }
}
