// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.ref;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.memremap.ref.PercpuRef;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DependentAccessTest {
  @Test
  @DisplayName("the engine lets something live by a reference, and users cannot")
  void livesByIt() {
    AtomicInteger drained = new AtomicInteger();
    Dependent map = drained::incrementAndGet;
    DependentAccess<PercpuRef> access = DependentAccess.to(PercpuRef.class);
    PercpuRef reference = PercpuRef.init();

    assertThat(access.attach(reference, map, 8)).isTrue();
    assertThat(reference.references()).isEqualTo(9);
    reference.kill();
    access.detach(reference, map, 8);
    assertThat(drained).hasValue(1);

    assertThat(Arrays.stream(PercpuRef.class.getMethods()))
        .noneMatch(method -> Arrays.asList(method.getParameterTypes()).contains(Dependent.class));
  }

  @Test
  @DisplayName("nothing can live by an object that is not a reference")
  void another() {
    DependentAccess.to(PercpuRef.class);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DependentAccess.to(DependentAccessTest.class))
        .withMessageContaining("DependentAccessTest");
  }
}
