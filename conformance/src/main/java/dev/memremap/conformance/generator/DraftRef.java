// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

import dev.memremap.scenario.Verb;

/**
 * What a draft remembers of one of its references.
 *
 * <p>A reference that a page map brings is handled with care: to put what the map holds crashes an
 * older kernel.
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

  /** Whether a line with this verb would not be misuse. */
  boolean isAble(Verb verb) {
    return switch (verb) {
      case REF_KILL -> !dead && !exited;
      case REF_RESURRECT -> dead && revivable && !exited;
      case REF_REINIT -> dead && zero && revivable && !exited && !brought;
      case REF_TO_PERCPU -> revivable && !exited;
      case REF_PUT -> !exited && (!brought || taken > 0);
      case REF_GET, REF_TRYGET, REF_TO_ATOMIC -> !exited;
      case REF_EXIT -> !brought;
      default -> true;
    };
  }

  /** Notes what a line did to it. */
  void done(Verb verb, int count, String answer) {
    switch (verb) {
      case REF_KILL -> dead = true;
      case REF_REINIT, REF_RESURRECT -> dead = false;
      case REF_EXIT -> exited = true;
      case REF_GET -> taken += count;
      case REF_PUT -> taken -= count;
      case REF_TRYGET, REF_TRYGET_LIVE -> taken += answer.equals("true") ? 1 : 0;
      default -> {
        // nothing that is remembered
      }
    }
    zero = answer.endsWith("released") || (zero && verb != Verb.REF_GET && dead);
  }
}
