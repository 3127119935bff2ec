// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.devres.DevresRelease;
import dev.memremap.rule.Rule;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The record of a managed thing; it exists before the thing does (MU-2).
 *
 * <p>Thread safety: {@code thing} is guarded by {@code this}.
 *
 * @param <D> what manages it
 * @param <T> what it is
 */
final class Managed<D, T> {
  private final D device;
  final Kind<D, T> kind;
  private @Nullable T thing;

  Managed(D device, Kind<D, T> kind) {
    this.device = device;
    this.kind = kind;
  }

  synchronized void holds(T made) {
    thing = made;
  }

  @SuppressWarnings("ReferenceEquality") // a thing is itself, whatever its equals says
  synchronized boolean isOf(Object candidate) {
    return thing == candidate;
  }

  synchronized T thing() {
    return Objects.requireNonNull(thing);
  }

  void release() {
    kind.release.accept(device, thing());
  }

  /**
   * A kind of managed thing, which is the key of its records.
   *
   * @param noun what it is called in a sentence
   * @param rule the rule that is cited when the device cannot manage another
   * @param release undoes one
   */
  record Kind<D, T>(String noun, Rule rule, BiConsumer<D, T> release)
      implements DevresRelease<Managed<D, T>> {
    @Override
    public void release(Managed<D, T> managed) {
      managed.release();
    }

    @Override
    public boolean isKeptOnFailure() {
      return true;
    }
  }
}
