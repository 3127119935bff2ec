// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import java.util.ArrayList;
import java.util.List;

/**
 * Counts what was set right in the lines of a pasted map.
 *
 * <p>Thread safety: for one thread.
 */
final class PasteRepairs {
  private int blank;
  private int fences;
  private int bars;
  private int prefixes;
  private int leftOut;
  private boolean carriageReturns;
  private boolean tabs;
  private boolean respelled;

  void blank() {
    blank++;
  }

  void fence() {
    fences++;
  }

  void leftOut() {
    leftOut++;
  }

  void carriageReturn() {
    carriageReturns = true;
  }

  void fact(PastedLine.Comment fact) {
    prefixes += fact.prefixed() ? 1 : 0;
    bars += fact.barred() ? 1 : 0;
  }

  void resource(PastedLine.Resource resource) {
    prefixes += resource.prefixed() ? 1 : 0;
    bars += resource.barred() ? 1 : 0;
    tabs |= resource.tabbed();
    respelled |= resource.respelled();
  }

  /** What was set right, in a phrase each. */
  List<String> ways() {
    List<String> ways = new ArrayList<>();
    if (carriageReturns) {
      ways.add("CR LF line ends");
    }
    if (blank > 0) {
      ways.add(blank + " blank line" + (blank == 1 ? "" : "s"));
    }
    if (fences > 0) {
      ways.add(fences == 1 ? "1 fence around the text" : fences + " fences around the text");
    }
    if (prefixes > 0) {
      ways.add(prefixes + " line prefix" + (prefixes == 1 ? "" : "es"));
    }
    if (bars > 0) {
      ways.add(bars == 1 ? "1 bar at a line's end" : bars + " bars at the ends of lines");
    }
    if (leftOut > 0) {
      ways.add(
          leftOut == 1
              ? "1 line that is not a resource"
              : leftOut + " lines that are not resources");
    }
    if (tabs) {
      ways.add("tabs");
    }
    if (respelled) {
      ways.add("upper-case hexadecimal");
    }
    return ways;
  }
}
