// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What is known of a subject at one moment.
 *
 * @param version another number whenever its pictures changed
 * @param totals its figures, those that only grow and those that do not
 * @param events what happened last, the newest first; at most {@link #EVENTS}
 * @param isLive whether it can change
 * @param ended why it changes no more; empty while it can, or if it never did
 * @param trouble why the pictures are older than what they show; empty if they are not
 */
public record Pulse(
    long version,
    List<Total> totals,
    List<Event> events,
    boolean isLive,
    Optional<String> ended,
    Optional<String> trouble) {
  /** So many events are kept. */
  public static final int EVENTS = 50;

  /** Of what does not change. */
  public static final Pulse STILL =
      new Pulse(0, List.of(), List.of(), false, Optional.empty(), Optional.empty());

  /** Checks the parts. */
  public Pulse {
    totals = List.copyOf(totals);
    events = List.copyOf(events);
    Objects.requireNonNull(ended, "ended");
    Objects.requireNonNull(trouble, "trouble");
  }

  /**
   * A figure.
   *
   * @param id names it in documents and metrics: small letters and underscores
   * @param words what pages call it
   * @param value how many
   * @param onlyGrows whether it counts events since the start, and never falls
   */
  public record Total(String id, String words, long value, boolean onlyGrows) {}

  /**
   * Something that happened.
   *
   * @param number counts all events of the subject, from 1
   * @param millis when, in milliseconds since 1970
   * @param words what
   */
  public record Event(long number, long millis, String words) {}
}
