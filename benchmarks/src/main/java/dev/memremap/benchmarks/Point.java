// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import java.util.Locale;

/** The parts of the library that are measured, in the order of the table. */
public enum Point {
  /** percpu_ref. */
  REFERENCE("percpu_ref without atomics"),
  /** get_dev_pagemap. */
  LOOKUP("get_dev_pagemap"),
  /**
   * Loads and stores, which must be as fast as the peer's: whether two intervals overlap says
   * nothing of three forks, for those of the very same thing lie apart once in ten times.
   */
  ACCESS("Access", 5),
  /** memremap and memunmap. */
  REMAP("memremap and memunmap"),
  /** struct page and devm_memremap_pages. */
  PAGEMAP("Page maps"),
  /** Many maps, many resources, many cycles. */
  SCALE("Scale"),
  /** The command. */
  STARTUP("Start-up");

  private final String title;
  private final int forks;

  Point(String title) {
    this(title, 3);
  }

  Point(String title, int forks) {
    this.title = title;
    this.forks = forks;
  }

  /** The heading above its rows. */
  public String title() {
    return title;
  }

  /** In how many JVMs everything that belongs to it is measured. */
  public int forks() {
    return forks;
  }

  /** How it is written on a command line, and how the names of its rows begin. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
