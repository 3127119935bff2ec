// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import java.util.Locale;

/** The parts of the library that are measured, in the order of the table. */
public enum Point {
  /** percpu_ref. */
  REFERENCE("percpu_ref without atomics", Point.MANY_SHORT),
  /** get_dev_pagemap. */
  LOOKUP("get_dev_pagemap", Point.MANY_SHORT),
  /** Loads and stores. */
  ACCESS("Access", Point.MANY_SHORT),
  /** memremap and memunmap. */
  REMAP("memremap and memunmap", Point.MANY_SHORT),
  /** struct page and devm_memremap_pages. */
  PAGEMAP("Page maps", Point.FEW_LONG),
  /** Many maps, many resources, many cycles. */
  SCALE("Scale", Point.FEW_LONG),
  /** Memory larger than this computer. */
  PAGER("Remote memory", Point.MANY_SHORT),
  /** The command. */
  STARTUP("Start-up", Point.FEW_LONG);

  /**
   * Of benchmarks. What a fork's iterations give differs by a hundredth or two, and forks of the
   * same thing by a half, as the computer's neighbours have it; so forks are many and short.
   */
  private static final int MANY_SHORT = 5;

  /** Of programs, which take their time. */
  private static final int FEW_LONG = 3;

  private final String title;
  private final int forks;

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
