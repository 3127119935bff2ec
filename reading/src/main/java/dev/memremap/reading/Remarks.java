// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import java.util.ArrayList;
import java.util.List;

/**
 * The remarks of one reading, as they come up.
 *
 * <p>Thread safety: for one thread.
 */
final class Remarks {
  private final List<Remark> all = new ArrayList<>();

  /** A text was set right in these ways; without any, nothing is added. */
  void repaired(String file, List<String> ways) {
    if (!ways.isEmpty()) {
      all.add(new Remark(file, Remark.Kind.REPAIRED, String.join(", ", ways)));
    }
  }

  void list(String file, String sentence) {
    all.add(new Remark(file, Remark.Kind.LIST, sentence));
  }

  void doubt(String file, String sentence) {
    all.add(new Remark(file, Remark.Kind.DOUBT, sentence));
  }

  List<Remark> all() {
    return all;
  }
}
