// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import java.io.IOException;

/**
 * What of a report could not be read. The first are named; a report that is damaged as a whole is
 * not listed file by file.
 *
 * <p>Thread safety: for one thread.
 */
final class LeftOut {
  private static final int MAX_NAMED = 5;

  private final String report;
  private final String separator;
  private final Remarks remarks;
  private int count;

  /**
   * @param separator what stands between the report's name and that of a file in it
   */
  LeftOut(String report, String separator, Remarks remarks) {
    this.report = report;
    this.separator = separator;
    this.remarks = remarks;
  }

  /** What remarks call a file of the report. */
  String name(String file) {
    return Excerpt.name(report + separator + file);
  }

  void add(String file, IOException cause) {
    count++;
    if (count <= MAX_NAMED) {
      remarks.doubt(name(file), "left out: it " + UnreadableFile.sentence(cause));
    }
  }

  /** Something that is in doubt about the report as a whole. */
  void doubt(String sentence) {
    remarks.doubt(Excerpt.name(report), sentence);
  }

  /** Says how many there are beyond those that were named. */
  void end() {
    if (count > MAX_NAMED) {
      doubt("left out: %d more files that cannot be read".formatted(count - MAX_NAMED));
    }
  }
}
