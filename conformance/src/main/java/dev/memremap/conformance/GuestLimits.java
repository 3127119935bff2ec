// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Every time limit of a guest, in one place. They are far above what an idle machine needs, so that
 * they end what hangs and spare what is slow; a machine that is slower still multiplies all of them
 * by a factor, the patience.
 *
 * @param patience what every limit is multiplied by: above 0, at most 1000
 */
public record GuestLimits(double patience) {
  /** System property that holds the patience. */
  public static final String PROPERTY = "dev.memremap.guest.patience";

  /** Environment variable that holds the patience, where the property does not. */
  public static final String VARIABLE = "MEMREMAP_GUEST_PATIENCE";

  private static final double MOST = 1000;

  /**
   * Checks the factor.
   *
   * @throws IllegalArgumentException if it is not above 0 and at most 1000
   */
  public GuestLimits {
    if (!(patience > 0 && patience <= MOST)) {
      throw new IllegalArgumentException(
          "The patience is a number above 0 and at most 1000, not " + patience);
    }
  }

  /**
   * The limits with the patience that the system property holds, else the environment variable,
   * else 1.
   *
   * @throws IllegalArgumentException if it is not a number above 0 and at most 1000
   */
  public static GuestLimits find() {
    @Nullable String property = System.getProperty(PROPERTY);
    return property != null
        ? parse(PROPERTY, property)
        : parse(VARIABLE, System.getenv().getOrDefault(VARIABLE, "1"));
  }

  /** The limits that a setting of this name and value asks for. */
  static GuestLimits parse(String name, String value) {
    try {
      return new GuestLimits(Double.parseDouble(value));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s is a number above 0 and at most 1000, not '%s'".formatted(name, value), e);
    }
  }

  /** One boot, from QEMU's start until the command runs: 10 minutes. */
  public Duration boot() {
    return minutes(10);
  }

  /** One answer of a guest to one line of a scenario: 10 minutes. */
  public Duration answer() {
    return minutes(10);
  }

  /** A whole command, such as all that a test does in a guest: an hour. */
  public Duration command() {
    return minutes(60);
  }

  /** One wait of a step in a guest, for something that its own kernel is to do: 5 minutes. */
  public Duration step() {
    return minutes(5);
  }

  /** How long a guest may outlive the JVM that started it: 1 minute. */
  public Duration orphan() {
    return minutes(1);
  }

  private Duration minutes(int count) {
    return Duration.ofMillis((long) (count * 60_000L * patience));
  }
}
