// SPDX-License-Identifier: Apache-2.0
package dev.memremap.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.memremap.ref.PercpuRef;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** What may happen while a reference that has drained begins its next life. */
public class PercpuRefRevivals {
  private PercpuRefRevivals() {}

  /** PR-10: a life that ends and begins beside takers loses none of them, and releases once. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "the initial reference of the second life")
  @Outcome(expect = FORBIDDEN, desc = "a count was lost or gained, or not one release")
  @State
  public static class TakersAgainstReinit {
    private final AtomicInteger releases = new AtomicInteger();
    private final PercpuRef ref =
        PercpuRef.init(releases::incrementAndGet, PercpuRef.Flag.ALLOW_REINIT);

    /** Makes the state of one run. */
    public TakersAgainstReinit() {}

    /** Takes and drops, in the first life or the second. */
    @Actor
    public void taker() {
      for (int i = 0; i < 3; i++) {
        if (ref.tryGetLive()) {
          ref.put();
        }
      }
    }

    /** Kills, waits for zero, and begins anew. */
    @Actor
    public void killer() {
      ref.kill();
      while (!ref.isZero()) {
        Thread.onSpinWait();
      }
      ref.reinit();
    }

    /** Counts. */
    @Arbiter
    public void after(II_Result r) {
      r.r1 = (int) ref.references();
      r.r2 = releases.get();
    }
  }

  /** C-15: a reinit beside the last put is granted after it, or refused before it. */
  @JCStressTest
  @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "granted, at zero")
  @Outcome(id = "0, 0, 1", expect = ACCEPTABLE, desc = "refused, for one was held")
  @Outcome(expect = FORBIDDEN, desc = "granted under a holder, or not one release")
  @State
  public static class ReinitAgainstLastPut {
    private final AtomicInteger releases = new AtomicInteger();
    private final PercpuRef ref =
        PercpuRef.init(releases::incrementAndGet, PercpuRef.Flag.ALLOW_REINIT);

    /** Makes the state of one run. */
    public ReinitAgainstLastPut() {
      ref.get();
      ref.kill();
    }

    /** Drops the last one. */
    @Actor
    public void holder() {
      ref.put();
    }

    /** Tries to begin anew. */
    @Actor
    public void owner(III_Result r) {
      try {
        ref.reinit();
        r.r1 = 1;
      } catch (IllegalStateException held) {
        r.r1 = 0;
      }
    }

    /** Counts. */
    @Arbiter
    public void after(III_Result r) {
      r.r2 = (int) ref.references();
      r.r3 = releases.get();
    }
  }
}
