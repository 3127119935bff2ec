// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

/**
 * What a draft remembers of one of its references.
 *
 * <p>One that a page map brings is handled with care: who puts what the map holds ends an older
 * kernel.
 */
final class DraftRef {
  private final String name;
  private final boolean revivable;
  private boolean dead;
  private boolean zero;
  private boolean exited;
  private boolean brought;
  private int taken;

  /**
   * A reference just defined.
   *
   * @param words what follows its name
   */
  DraftRef(String name, String words) {
    this.name = name;
    // any word implies it
    this.revivable = !words.isEmpty();
    this.dead = words.contains("dead");
    this.zero = dead;
  }

  String name() {
    return name;
  }

  boolean mayBeBrought() {
    return !dead && !exited && !brought && taken == 0;
  }

  /** A map has it from now on. */
  void bring() {
    brought = true;
  }

  boolean isBrought() {
    return brought;
  }

  /** Its map is gone, and took it along. */
  void end() {
    exited = true;
  }

  /** Whether a line with this verb says something that is no misuse. */
  boolean isAble(String verb) {
    return switch (verb) {
      case "ref-kill" -> !dead && !exited;
      case "ref-resurrect" -> dead && revivable && !exited;
      case "ref-reinit" -> dead && zero && revivable && !exited && !brought;
      case "ref-to-percpu" -> revivable && !exited;
      case "ref-put" -> !exited && (!brought || taken > 0);
      case "ref-get", "ref-tryget", "ref-to-atomic" -> !exited;
      case "ref-exit" -> !brought;
      default -> true;
    };
  }

  /** Notes what a line did to it. */
  void done(String verb, int count, String answer) {
    switch (verb) {
      case "ref-kill" -> dead = true;
      case "ref-reinit", "ref-resurrect" -> dead = false;
      case "ref-exit" -> exited = true;
      case "ref-get" -> taken += count;
      case "ref-put" -> taken -= count;
      case "ref-tryget", "ref-tryget-live" -> taken += answer.equals("true") ? 1 : 0;
      default -> {
        // nothing that is remembered
      }
    }
    zero = answer.endsWith("released") || (zero && !verb.equals("ref-get") && dead);
  }
}
