// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.json;

import dev.memremap.reading.Remark;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What there is to say of a machine's files, as JSON. */
public final class RemarksJson {
  private RemarksJson() {}

  /** Adds each remark with the file that it is about. */
  public static void remarks(ObjectNode node, List<Remark> remarks) {
    ArrayNode all = node.putArray("remarks");
    for (Remark remark : remarks) {
      ObjectNode one = all.addObject();
      one.put("file", remark.file());
      one.put("kind", remark.kind().name().toLowerCase(Locale.ROOT));
      one.put("message", remark.sentence());
    }
  }
}
