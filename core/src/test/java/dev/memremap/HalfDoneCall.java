// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import java.util.stream.Stream;

/**
 * A call that an error of the JVM may end in the middle, and what holds after it, whether it did or
 * not.
 */
sealed interface HalfDoneCall permits HalfDoneMachineCall, HalfDoneDeviceCall {
  /** All of them. */
  static Stream<HalfDoneCall> all() {
    return Stream.concat(
        Stream.of(HalfDoneMachineCall.values()), Stream.of(HalfDoneDeviceCall.values()));
  }

  /** The one of that name. */
  static HalfDoneCall named(String name) {
    return all().filter(call -> call.name().equals(name)).findFirst().orElseThrow();
  }

  /** Its name, by which a program in another JVM is told. */
  String name();

  /** Does what comes before it. */
  default void prepare(HalfDoneSubject on) {}

  /** Makes it. */
  void on(HalfDoneSubject on);

  /**
   * Fails unless it is done, or can be.
   *
   * @param overflowed whether it ended in an error
   */
  void check(HalfDoneSubject on, boolean overflowed);
}
