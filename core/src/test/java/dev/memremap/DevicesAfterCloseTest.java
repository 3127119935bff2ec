// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DevicesAfterCloseTest {
  private final AtomicInteger acted = new AtomicInteger();

  @Test
  @DisplayName(
      "LIB-5 a device that held nothing when its machine closed takes no action afterwards")
  void idle() {
    Machine machine = Machines.machine();
    Device device = machine.newDevice("idle");
    machine.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> device.devres().addAction(acted::incrementAndGet))
        .withMessageContaining("its machine is closed");
    assertThat(acted).hasValue(0);
    assertThat(device.devres().size()).isZero();
  }

  @Test
  @DisplayName("LIB-5 nor does one that began to hold something during the close, and ended that")
  void listedMeanwhile() {
    Machine machine = Machines.machine();
    Device device = machine.newDevice("idle");
    device.release();
    Runnable taken = () -> {};
    machine
        .newDevice("held")
        .devres()
        .addAction(
            () -> {
              device.devres().addAction(taken);
              device.devres().removeAction(taken);
            });
    machine.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> device.devres().addAction(acted::incrementAndGet))
        .withMessageContaining("its machine is closed");
    assertThat(device.devres().size()).isZero();
  }
}
