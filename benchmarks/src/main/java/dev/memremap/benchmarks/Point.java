// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import java.util.Locale;

/** The parts of the library that are measured, in the order of the table. */
public enum Point {
  /** percpu_ref. */
  REFERENCE("percpu_ref without atomics"),
  /** get_dev_pagemap. */
  LOOKUP("get_dev_pagemap"),
  /** Loads and stores. */
  ACCESS("Access"),
  /** memremap and memunmap. */
  REMAP("memremap and memunmap"),
  /** struct page and devm_memremap_pages. */
  PAGEMAP("Page maps"),
  /** Many maps, many resources, many cycles. */
  SCALE("Scale"),
  /** The command. */
  STARTUP("Start-up");

  private final String title;

  Point(String title) {
    this.title = title;
  }

  /** The heading above its rows. */
  public String title() {
    return title;
  }

  /** How it is written on a command line, and how the names of its rows begin. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
