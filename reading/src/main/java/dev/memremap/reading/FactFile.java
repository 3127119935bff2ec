// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import java.util.Locale;

/** A kind of file that states facts beside a map. */
public enum FactFile {
  /** {@code /proc/cpuinfo}: the width of addresses. */
  CPUINFO("proc/cpuinfo", "address sizes"),
  /** {@code /proc/mtrr}. */
  MTRR("proc/mtrr", "base=0x"),
  /** {@code /sys/kernel/debug/x86/pat_memtype_list}. */
  PAT("sys/kernel/debug/x86/pat_memtype_list", ""),
  /** The kernel's log: the firmware's map and the kernel's version. */
  DMESG("", "Linux version"),
  /** {@code lspci -vv}: which BAR lies where, and the drivers of devices. */
  LSPCI("", "Region ");

  private final String path;
  private final String mark;

  FactFile(String path, String mark) {
    this.path = path;
    this.mark = mark;
  }

  /** Where Linux has it, below the root; empty for what a command prints. */
  String path() {
    return path;
  }

  /** Whether a text may be such a file: it says what only this kind says. */
  boolean isIn(String text) {
    return switch (this) {
      case DMESG -> text.contains(mark) || text.contains("[mem 0x");
      case PAT -> !TableText.of(this, text).isBlank();
      default -> text.contains(mark);
    };
  }

  /** The command's option for it: {@code --mtrr}. */
  public String option() {
    return "--" + name().toLowerCase(Locale.ROOT);
  }
}
