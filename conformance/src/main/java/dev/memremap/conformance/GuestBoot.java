// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;

/**
 * Boots a guest until its command runs, and boots again, twice at most, where chance ended it
 * before: on a busy machine an emulated kernel can miss its own deadlines and panic, and QEMU can
 * be killed for its memory.
 */
final class GuestBoot {
  /** How often a guest is booted at most. */
  static final int MOST = 3;

  private static final System.Logger LOG = System.getLogger("dev.memremap.conformance");

  /** Starts QEMU, with new files. */
  interface Attempt {
    RunningGuest start() throws IOException;
  }

  private GuestBoot() {}

  /**
   * The guest, whose command runs or has run.
   *
   * @param limit for each boot
   * @throws GuestException if the guest did not come to its command; nothing of it is left
   * @throws InterruptedException if this thread was interrupted; nothing of the guest is left
   */
  static RunningGuest of(Attempt attempt, Duration limit) throws IOException, InterruptedException {
    for (int boot = 1; ; boot++) {
      RunningGuest guest = attempt.start();
      try {
        guest.awaitStart(limit);
        return guest;
      } catch (GuestException e) {
        guest.close();
        if (!guest.mayStartNextTime()) {
          throw e;
        }
        if (boot == MOST) {
          throw last(e);
        }
        LOG.log(Level.WARNING, again(boot + 1, e));
      } catch (RuntimeException | InterruptedException e) {
        guest.close();
        throw e;
      }
    }
  }

  private static String again(int boot, GuestException e) {
    String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    return "The guest is booted again (boot %d of %d): %s".formatted(boot, MOST, reason);
  }

  private static GuestException last(GuestException e) {
    String sentence =
        "The guest did not come to its command in %d boots; the last time: %s"
            .formatted(MOST, e.getMessage());
    return switch (e) {
      case GuestPanicException panic ->
          new GuestPanicException(sentence, e.output(), e.kernelLog());
      case GuestKilledException killed ->
          new GuestKilledException(sentence, e.output(), e.kernelLog());
      case GuestTimeoutException late ->
          new GuestTimeoutException(sentence, e.output(), e.kernelLog());
      default -> new GuestEndedException(sentence, e.output(), e.kernelLog());
    };
  }
}
