// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import dev.memremap.Machine;
import java.util.List;

/** Answers in tests of what does not depend on the answer: it repeats the question. */
final class StillQuestions implements Questions {
  @Override
  public List<Choice> choices() {
    return List.of(new Choice("WB", "memremap WB"));
  }

  @Override
  public Answer explain(Machine machine, String where, String flags) {
    if (where.equals("broken")) {
      throw new IllegalArgumentException("'broken' is not a range");
    }
    return new Answer(true, List.of(where + " " + flags), "{}", List.of());
  }

  @Override
  public Answer plan(Machine machine, String where, String type) {
    return new Answer(false, List.of(where + " " + type), "{}", List.of());
  }
}
