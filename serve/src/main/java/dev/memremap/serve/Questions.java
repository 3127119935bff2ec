// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import dev.memremap.Machine;
import dev.memremap.drawing.model.Overlay;
import java.util.List;

/** Answers what a reader asks of a machine, as the commands {@code explain} and {@code plan} do. */
public interface Questions {
  /** Returns what can be asked for. */
  List<Choice> choices();

  /**
   * Asks what memremap or ioremap would do.
   *
   * @param where the bytes, as the command takes them
   * @param flags WB, WT, WC, ENC or DEC, joined by a comma or |; or UC- or UC
   * @throws IllegalArgumentException if the words mean nothing; the message is a sentence
   */
  Answer explain(Machine machine, String where, String flags);

  /**
   * Asks what a page map would be.
   *
   * @param where the bytes, as the command takes them
   * @param type a type of memory
   * @throws IllegalArgumentException if the words mean nothing; the message is a sentence
   */
  Answer plan(Machine machine, String where, String type);

  /**
   * Something that can be asked for.
   *
   * @param value its name in addresses of pages; {@code pages:TYPE} is a page map
   * @param words what pages call it
   */
  record Choice(String value, String words) {
    private static final String PAGES = "pages:";

    /** Makes the choice of a page map. */
    public static Choice ofPages(String type, String words) {
      return new Choice(PAGES + type, words);
    }
  }

  /** Asks what a choice says. */
  default Answer ask(Machine machine, String where, String choice) {
    return choice.startsWith(Choice.PAGES)
        ? plan(machine, where, choice.substring(Choice.PAGES.length()))
        : explain(machine, where, choice);
  }

  /**
   * An answer.
   *
   * @param isGranted whether it would be granted
   * @param lines what the command prints
   * @param json what the command prints with {@code --json}
   * @param overlays what is drawn beside the machine
   */
  record Answer(boolean isGranted, List<String> lines, String json, List<Overlay> overlays) {
    /** Keeps copies. */
    public Answer {
      lines = List.copyOf(lines);
      overlays = List.copyOf(overlays);
    }
  }
}
