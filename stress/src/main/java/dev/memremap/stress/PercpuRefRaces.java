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

/**
 * What may happen to a reference while others take, drop, kill, switch or revive it. No test has
 * more than two actors, or it would not run on two cores.
 */
public class PercpuRefRaces {
  private PercpuRefRaces() {}

  /** A reference that counts its releases. */
  private static final class Counted {
    final AtomicInteger releases = new AtomicInteger();
    final PercpuRef ref;

    Counted(PercpuRef.Flag... flags) {
      ref = PercpuRef.init(releases::incrementAndGet, flags);
    }

    /** Whether the kill was granted, or refused as the second one. */
    int kill() {
      try {
        ref.kill();
        return 1;
      } catch (IllegalStateException killedAlready) {
        return 0;
      }
    }
  }

  /** PR-5: the release comes once, and never while somebody holds a reference. */
  @JCStressTest
  @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "held before the release, which came once")
  @Outcome(id = "0, 0, 1", expect = ACCEPTABLE, desc = "not held any more")
  @Outcome(expect = FORBIDDEN, desc = "released under a holder, or not once")
  @State
  public static class TryGetAgainstKill {
    private final Counted counted = new Counted();

    /** Makes the state of one run. */
    public TryGetAgainstKill() {}

    /** Takes, looks, and drops. */
    @Actor
    public void holder(III_Result r) {
      if (counted.ref.tryGet()) {
        r.r1 = 1;
        r.r2 = counted.releases.get();
        counted.ref.put();
      }
    }

    /** Kills. */
    @Actor
    public void killer() {
      counted.ref.kill();
    }

    /** Counts. */
    @Arbiter
    public void after(III_Result r) {
      r.r3 = counted.releases.get();
    }
  }

  /** PR-4: once the kill is confirmed, no tryget_live succeeds. */
  @JCStressTest
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "killed, not confirmed")
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "taken before the kill")
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "refused after the confirmation")
  @Outcome(id = "1, 1", expect = FORBIDDEN, desc = "taken after the confirmation")
  @State
  public static class TryGetLiveAgainstConfirm {
    private final PercpuRef ref = PercpuRef.init();
    private volatile boolean confirmed;

    /** Makes the state of one run. */
    public TryGetLiveAgainstConfirm() {}

    /** Kills and confirms. */
    @Actor
    public void killer() {
      ref.killAndConfirm(() -> confirmed = true);
    }

    /** Looks, then takes. */
    @Actor
    public void taker(II_Result r) {
      r.r1 = confirmed ? 1 : 0;
      r.r2 = ref.tryGetLive() ? 1 : 0;
    }
  }

  /** D-5: of two kills one is refused, and the release comes once. */
  @JCStressTest
  @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "the first was granted")
  @Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "the second was granted")
  @Outcome(expect = FORBIDDEN, desc = "both or neither, or not one release")
  @State
  public static class ConcurrentKills {
    private final Counted counted = new Counted();

    /** Makes the state of one run. */
    public ConcurrentKills() {
      // so that a second kill, were it granted, found a reference to give back
      counted.ref.get();
    }

    /** Kills. */
    @Actor
    public void first(III_Result r) {
      r.r1 = counted.kill();
    }

    /** Kills. */
    @Actor
    public void second(III_Result r) {
      r.r2 = counted.kill();
    }

    /** Puts the one that is left, and counts. */
    @Arbiter
    public void after(III_Result r) {
      counted.ref.put();
      r.r3 = counted.releases.get();
    }
  }

  /** PR-2: of the last two puts one releases. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "one release, at zero")
  @Outcome(expect = FORBIDDEN, desc = "lost or doubled")
  @State
  public static class LastPuts {
    private final Counted counted = new Counted();

    /** Makes the state of one run. */
    public LastPuts() {
      counted.ref.get();
    }

    /** Drops. */
    @Actor
    public void first() {
      counted.ref.put();
    }

    /** Kills, which drops the initial reference. */
    @Actor
    public void second() {
      counted.ref.kill();
    }

    /** Counts. */
    @Arbiter
    public void after(II_Result r) {
      r.r1 = counted.releases.get();
      r.r2 = counted.ref.isZero() ? 1 : 0;
    }
  }

  /** PR-10: a get and a put beside a kill and a revival leave the count as it was. */
  @JCStressTest
  @Outcome(id = "2, 0", expect = ACCEPTABLE, desc = "the initial reference and the extra one")
  @Outcome(expect = FORBIDDEN, desc = "a count was lost or gained")
  @State
  public static class GetPutAgainstRevival {
    private final Counted counted = new Counted(PercpuRef.Flag.ALLOW_REINIT);

    /** Makes the state of one run. */
    public GetPutAgainstRevival() {
      counted.ref.get();
    }

    /** Takes and drops. */
    @Actor
    public void holder() {
      counted.ref.get();
      counted.ref.put();
    }

    /** Kills and brings back. */
    @Actor
    public void killer() {
      counted.ref.kill();
      counted.ref.resurrect();
    }

    /** Counts. */
    @Arbiter
    public void after(II_Result r) {
      r.r1 = (int) counted.ref.references();
      r.r2 = counted.releases.get();
    }
  }

  /** PR-9: gets and puts are counted whatever mode the reference is in meanwhile. */
  @JCStressTest
  @Outcome(id = "3, 0", expect = ACCEPTABLE, desc = "one, and two that were kept")
  @Outcome(expect = FORBIDDEN, desc = "a count was lost or gained")
  @State
  public static class GetPutAgainstSwitches {
    private final Counted counted = new Counted(PercpuRef.Flag.ALLOW_REINIT);

    /** Makes the state of one run. */
    public GetPutAgainstSwitches() {}

    /** Takes five and drops three. */
    @Actor
    public void holder() {
      counted.ref.getMany(3);
      counted.ref.putMany(2);
      counted.ref.get();
      counted.ref.get();
      counted.ref.put();
    }

    /** Switches there and back. */
    @Actor
    public void switcher() {
      counted.ref.switchToAtomic();
      counted.ref.switchToPercpu();
      counted.ref.switchToAtomic();
    }

    /** Counts. */
    @Arbiter
    public void after(II_Result r) {
      r.r1 = (int) counted.ref.references();
      r.r2 = counted.releases.get();
    }
  }

  /** PR-7: the sum of gets and puts is right after a kill among them. */
  @JCStressTest
  @Outcome(id = "3, 0, 1", expect = ACCEPTABLE, desc = "three kept, released with the last of them")
  @Outcome(expect = FORBIDDEN, desc = "a count was lost or gained")
  @State
  public static class SumsAgainstKill {
    private final Counted counted = new Counted();

    /** Makes the state of one run. */
    public SumsAgainstKill() {
      // so that a get after the kill is one of a reference that somebody holds
      counted.ref.get();
    }

    /** Takes four and drops two. */
    @Actor
    public void holder() {
      counted.ref.get();
      counted.ref.get();
      counted.ref.put();
      counted.ref.getMany(2);
      counted.ref.putMany(1);
    }

    /** Kills. */
    @Actor
    public void killer() {
      counted.ref.kill();
    }

    /** Counts, and puts what is left. */
    @Arbiter
    public void after(III_Result r) {
      r.r1 = (int) counted.ref.references();
      r.r2 = counted.releases.get();
      counted.ref.putMany(3);
      r.r3 = counted.releases.get();
    }
  }

  /** C-10: an exit beside the last put loses neither. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "exited, and released once")
  @Outcome(expect = FORBIDDEN, desc = "lost or doubled")
  @State
  public static class PutAgainstExit {
    private final Counted counted = new Counted();

    /** Makes the state of one run. */
    public PutAgainstExit() {
      counted.ref.get();
      counted.ref.kill();
    }

    /** Drops the last one. */
    @Actor
    public void holder() {
      counted.ref.put();
    }

    /** Exits. */
    @Actor
    public void owner() {
      counted.ref.exit();
    }

    /** Counts. */
    @Arbiter
    public void after(II_Result r) {
      r.r1 = counted.ref.isExited() ? 1 : 0;
      r.r2 = counted.releases.get();
    }
  }
}
