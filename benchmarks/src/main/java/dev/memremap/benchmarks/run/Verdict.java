// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

/** What became of a row. */
public enum Verdict {
  /** The goal is reached. */
  MET("met"),
  /** The goal is not reached. */
  MISSED("missed"),
  /** There is a goal, but the run was too short to say. */
  NOT_JUDGED("not judged"),
  /** Without a goal. */
  NO_GOAL("no goal"),
  /** This computer lacks what is measured. */
  NOT_MEASURED("not measured"),
  /** A benchmark failed. */
  BROKEN("broken");

  private final String words;

  Verdict(String words) {
    this.words = words;
  }

  /** How it stands in the table. */
  public String words() {
    return words;
  }
}
