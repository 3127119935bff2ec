// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The pages of a subject as files that need no server. */
public final class StaticPages {
  /** So many resources have boxes of their own, since a file cannot be zoomed into. */
  static final int MAX_BOXES = 5_000;

  private StaticPages() {}

  /**
   * Returns the files by their names, of plain letters: {@code index.html}, a page for each step of
   * a run and for each further machine, and what they need.
   */
  public static Map<String, String> of(Subject subject, Questions questions) {
    Map<String, String> files = new LinkedHashMap<>();
    List<Subject.MachineName> machines = subject.machines();
    for (int i = 0; i < Math.max(1, machines.size()); i++) {
      String id = i == 0 ? "" : machines.get(i).id();
      for (int step = 0; step <= subject.steps().size(); step++) {
        PageAddress address = PageAddress.FIRST.withPlace(new Place(id, step));
        files.put(
            file(machines, address),
            MachinePage.alone(subject, questions, address, links(machines)));
      }
    }
    for (String name : List.of("page.css", "drawing.css", "steps.js", "icon.svg")) {
      files.put(name, Assets.text(name));
    }
    return files;
  }

  private static MachinePage.Links links(List<Subject.MachineName> machines) {
    return new MachinePage.Links() {
      @Override
      public String to(PageAddress other) {
        return file(machines, other);
      }

      @Override
      public boolean isServed() {
        return false;
      }
    };
  }

  private static String file(List<Subject.MachineName> machines, PageAddress address) {
    int machine = 0;
    for (int i = 0; i < machines.size(); i++) {
      if (machines.get(i).id().equals(address.place().machine())) {
        machine = i;
      }
    }
    int step = address.place().step();
    String of = machine == 0 ? "" : "machine-%d".formatted(machine + 1);
    String at = step == 0 ? "" : "step-%03d".formatted(step);
    String name = of + (of.isEmpty() || at.isEmpty() ? "" : "-") + at;
    return name.isEmpty() ? "index.html" : name + ".html";
  }
}
