// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import dev.memremap.spi.Membarrier;
import java.lang.foreign.Arena;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A barrier without native calls: closing a shared arena shakes hands with every thread of the JVM,
 * and each passes a barrier for it. Slower than the system's, and an accident of HotSpot; good
 * enough to test cells where the module {@code linux} is not.
 */
public final class HandshakeMembarrier implements Membarrier {
  /** Whether the next pass is refused. */
  static volatile boolean refusing;

  /** What happens during the next pass, if anything. */
  public static volatile @Nullable Runnable during;

  /** Made by a {@link java.util.ServiceLoader}. */
  public HandshakeMembarrier() {}

  @Override
  public Optional<String> register() {
    return Optional.empty();
  }

  @Override
  public void pass() {
    if (refusing) {
      refusing = false;
      throw new IllegalStateException("no barrier today");
    }
    Runnable step = during;
    if (step != null) {
      during = null;
      step.run();
    }
    Arena.ofShared().close();
  }
}
