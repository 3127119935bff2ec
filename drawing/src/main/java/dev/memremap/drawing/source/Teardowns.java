// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.source;

import dev.memremap.Machine;
import dev.memremap.drawing.model.Timeline;
import dev.memremap.page.DevPagemap;
import dev.memremap.rule.PlainText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Follows the page maps of a machine from step to step, and tells how each comes to its end:
 * killed, not found any more, drained, unmapped, released.
 *
 * <p>Thread safety: none; the thread that carries the steps out looks after each.
 */
public final class Teardowns {
  private final List<Life> lives = new ArrayList<>();
  private final Map<DevPagemap, Life> latest = new HashMap<>();

  /** Follows nothing yet. */
  public Teardowns() {}

  /** What happened to a page map while it was mapped once; a step that has not come is empty. */
  private static final class Life {
    private final DevPagemap map;
    private final List<String> kill = new ArrayList<>();
    private final List<String> fail = new ArrayList<>();
    private final List<String> unmap = new ArrayList<>();
    private final List<String> drain = new ArrayList<>();
    private final List<String> end = new ArrayList<>();
    private final List<String> release = new ArrayList<>();
    private long holders;

    Life(DevPagemap map) {
      this.map = map;
    }

    /** Whether it came to its end, and all was noted. */
    boolean isOver() {
      return !release.isEmpty();
    }

    void look(String step) {
      DevPagemap.State state = map.state();
      if (state == DevPagemap.State.LIVE) {
        holders = map.outsideReferences();
        return;
      }
      if (kill.isEmpty()) {
        kill.add(step);
      }
      boolean isAsked = state != DevPagemap.State.KILLED;
      if (isAsked && unmap.isEmpty()) {
        unmap.add(step);
      }
      boolean isGone = state == DevPagemap.State.UNMAPPED;
      long held = isGone ? 0 : map.outsideReferences();
      if (isGone && drain.isEmpty()) {
        drain.add(
            holders == 0 && step.equals(kill.getFirst()) ? "at once: it had no holder" : step);
      }
      holders = held;
      if (isGone && end.isEmpty()) {
        end.add(step);
      }
      boolean isReleased = map.ref().map(ref -> ref.isExited()).orElse(true);
      if (isGone && isReleased && release.isEmpty()) {
        release.add(map.ref().isPresent() ? step : "the map's own reference is exited with it");
      }
    }

    Timeline timeline() {
      String left = "held by %d".formatted(holders);
      return new Timeline(
          "Teardown of " + PlainText.of(map.toString()),
          List.of(
              event("killed", kill, "kill or unmap it"),
              event("lookups fail", fail.isEmpty() ? kill : fail, "from the kill on"),
              event("unmap asked", unmap, "by unmap-pages or its device's release"),
              event("drained", drain, left),
              event("unmapped", end, "with its last holder"),
              event("released", release, "once its reference is exited")));
    }

    private static Timeline.Event event(String title, List<String> seen, String ahead) {
      return new Timeline.Event(title, seen.isEmpty() ? List.of(ahead) : seen, seen.isEmpty());
    }
  }

  /**
   * Looks at a machine after a step.
   *
   * @param step what was done, in a few words
   */
  public void look(Machine machine, String step) {
    Objects.requireNonNull(step, "step");
    for (DevPagemap map : machine.pagemaps()) {
      Life life = latest.get(map);
      boolean isNew = life == null || (life.isOver() && map.state() == DevPagemap.State.LIVE);
      if (isNew) {
        Life begun = new Life(map);
        latest.put(map, begun);
        lives.add(begun);
      }
    }
    lives.stream().filter(life -> !life.isOver()).forEach(life -> life.look(step));
  }

  /**
   * Notes that a lookup found nothing.
   *
   * @param step what was done, in a few words
   */
  public void missed(Machine machine, long pfn, String step) {
    DevPagemap map = machine.pagemapAt(pfn);
    Life life = map == null ? null : latest.get(map);
    if (life != null && !life.kill.isEmpty() && life.fail.isEmpty()) {
      life.fail.add(step);
    }
  }

  /** Returns the teardowns that have begun, the earliest first. */
  public List<Timeline> timelines() {
    return lives.stream().filter(life -> !life.kill.isEmpty()).map(Life::timeline).toList();
  }
}
