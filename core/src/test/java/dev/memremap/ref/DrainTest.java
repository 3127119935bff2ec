// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.memremap.internal.ref.Dependent;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DrainTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Attaches as many as are given, and says how many bytes it took to let them all go. */
  private static long detachBytes(int dependents) {
    Drain drain = new Drain(new AtomicCount(1, 0), null);
    List<Dependent> all = new ArrayList<>();
    for (int i = 0; i < dependents; i++) {
      Dependent dependent = () -> {};
      all.add(dependent);
      drain.attach(dependent);
    }
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < dependents; i++) {
      drain.detach(all.get(i));
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 10, 11, 40})
  @DisplayName("what lives by a reference is let go without room in the heap")
  void detachAllocatesNothing(int dependents) {
    detachBytes(dependents);
    assertThat(detachBytes(dependents)).isZero();
  }
}
