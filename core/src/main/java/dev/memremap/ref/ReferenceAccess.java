// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import dev.memremap.internal.ref.Dependent;
import dev.memremap.internal.ref.DependentAccess;
import java.util.function.LongConsumer;

/**
 * Gives the engine what users of references may not do.
 *
 * <p>Thread safety: immutable.
 *
 * @param <R> the type of references
 */
final class ReferenceAccess<R extends ModeCounts> extends DependentAccess<R> {
  ReferenceAccess(Class<R> type) {
    super(type);
  }

  @Override
  public boolean attach(R reference, Dependent dependent, long references) {
    return reference.attach(dependent, references);
  }

  @Override
  public void undoAttach(R reference, Dependent dependent, long references) {
    reference.undoAttach(dependent, references);
  }

  @Override
  public void detach(R reference, Dependent dependent, long references) {
    reference.detach(dependent, references);
  }

  @Override
  public void killAnyway(R reference, LongConsumer killed) {
    reference.kill(true, killed);
  }

  @Override
  public void put(R reference, long n) {
    reference.putTouched(n);
  }

  @Override
  public void trace(R reference, boolean on) {
    reference.traceTouched(on);
  }

  @Override
  public void kill(R reference) {
    reference.kill(false, tooMany -> {});
  }

  @Override
  public void resurrect(R reference) {
    reference.revive(false, "resurrected");
  }

  @Override
  public void switchToAtomic(R reference) {
    reference.toAtomic(() -> {});
  }

  @Override
  public void switchToPercpu(R reference) {
    reference.toPercpu();
  }

  @Override
  public void exit(R reference) {
    reference.end();
  }

  @Override
  public void noLongerHeld(R reference) {
    reference.noLongerHeld();
  }

  @Override
  public boolean keepsInitial(R reference) {
    return reference.keepsInitial();
  }
}
