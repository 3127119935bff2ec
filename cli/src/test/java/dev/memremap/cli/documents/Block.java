// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.documents;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A block of code of a page.
 *
 * @param page the page, from the project's folder on
 * @param line the line of the page where its text begins, from 1
 * @param language the first word behind the fence; empty without
 * @param mark what the page says of it; null if it says nothing
 * @param text its lines, without the indentation or the fences
 */
record Block(String page, int line, String language, @Nullable Mark mark, String text) {
  /**
   * A command line of a block, and what the block shows that it prints.
   *
   * @param line the words, without the prompt
   * @param output the lines shown below it
   */
  record Step(String line, List<String> output) {}

  boolean is(Mark.Kind kind) {
    return mark != null && mark.kind() == kind;
  }

  /** Whether it shows what the block before it prints. */
  boolean isOutput() {
    return is(Mark.Kind.OUTPUT) || is(Mark.Kind.CUT_OUTPUT);
  }

  /** Where it stands, as a compiler says it. */
  String place() {
    return page + ":" + line;
  }

  /**
   * The command lines of it: those behind a {@code $}, or each line, if none has a {@code $}. A
   * here-document belongs to its command line, and so does what follows a backslash.
   */
  List<Step> steps() {
    boolean hasPrompts = text.lines().anyMatch(each -> each.startsWith("$ "));
    List<Step> steps = new ArrayList<>();
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (hasPrompts && !line.startsWith("$ ")) {
        if (steps.isEmpty()) {
          throw new IllegalArgumentException(place() + ": output before the first command");
        }
        steps.getLast().output().add(line);
        continue;
      }
      StringBuilder command = new StringBuilder(hasPrompts ? line.substring(2) : line);
      while (line.endsWith("\\") && i + 1 < lines.size()) {
        line = lines.get(++i);
        command.append('\n').append(line);
      }
      int here = command.indexOf("<<'END'");
      while (here >= 0 && !line.equals("END")) {
        line = lines.get(++i);
        command.append('\n').append(line);
      }
      steps.add(new Step(command.toString(), new ArrayList<>()));
    }
    // an empty line goes before the next prompt
    for (Step step : steps) {
      while (!step.output().isEmpty() && step.output().getLast().isBlank()) {
        step.output().removeLast();
      }
    }
    return steps;
  }
}
