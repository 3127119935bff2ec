// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.util.Optional;

/** Whether a test that boots can run here. */
final class Guests {
  /** Set in CI, where a test that boots may not be skipped. */
  private static final String REQUIRED = "MEMREMAP_GUEST_REQUIRED";

  private Guests() {}

  /** Skips the test with a sentence that says what to install, where no guest can run. */
  static void assumePossible() {
    assumeNothingMissing(GuestMachine.whatIsMissing());
  }

  /** Skips the test where busybox, which removes temporary files, is missing. */
  static void assumeBusybox() {
    assumeNothingMissing(missingBusybox());
  }

  private static Optional<String> missingBusybox() {
    try {
      HostTools.findBusybox();
      return Optional.empty();
    } catch (GuestUnavailableException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /**
   * A kernel of a series, fetched if it is not here; or of the one right before, if Debian has none
   * of this one now. Skips the test where none can be had.
   */
  static GuestKernel fetched(String series) throws InterruptedException {
    try {
      return GuestKernel.fetched(series, System.out::println);
    } catch (GuestUnavailableException e) {
      assumeNothingMissing(Optional.of(String.valueOf(e.getMessage())));
      throw e;
    }
  }

  /**
   * The newest kernel of a series that is here. Where none is, it is fetched if a test may not be
   * skipped; else the test is skipped.
   */
  static GuestKernel hereOrFetched(String series) throws InterruptedException {
    Optional<GuestKernel> here = GuestKernel.newest(series);
    if (here.isPresent()) {
      return here.get();
    }
    if (System.getenv(REQUIRED) == null) {
      assumeNothingMissing(
          Optional.of("no kernel %1$s: run conformance/fetch-kernel %1$s".formatted(series)));
    }
    return fetched(series);
  }

  /** Likewise for whatever else a test needs. */
  static void assumeNothingMissing(Optional<String> missing) {
    missing.ifPresent(
        sentence -> {
          if (System.getenv(REQUIRED) != null) {
            fail(sentence);
          }
          // the report has it too, but is hardly read for why a test was skipped
          System.out.println("SKIPPED: " + sentence);
          abort(sentence);
        });
  }
}
