// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import dev.memremap.machine.MachineDescription;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A machine as it was read from files.
 *
 * <p>Thread safety: immutable.
 *
 * @param machine the machine
 * @param remarks what was set right, and what is in doubt
 * @param facts what files beside the map state, each with its file
 */
public record Reading(MachineDescription machine, List<Remark> remarks, List<FileFact> facts) {
  /** Keeps copies. */
  public Reading {
    remarks = List.copyOf(remarks);
    facts = List.copyOf(facts);
  }

  /** Whether something may be missing, or two files disagree. */
  public boolean isInDoubt() {
    return remarks.stream().anyMatch(remark -> remark.kind() == Remark.Kind.DOUBT);
  }

  /** All remarks, in one line for each file. */
  public List<String> lines() {
    Map<String, StringBuilder> lines = new LinkedHashMap<>();
    for (Remark remark : remarks) {
      StringBuilder line = lines.get(remark.file());
      if (line == null) {
        lines.put(remark.file(), new StringBuilder(remark.toString()));
      } else {
        line.append("; ").append(remark.toString().substring(remark.file().length() + 2));
      }
    }
    return new ArrayList<>(lines.values().stream().map(StringBuilder::toString).toList());
  }
}
