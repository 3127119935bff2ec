// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

import dev.memremap.resource.PhysRange;
import java.util.List;

/**
 * Ways to a line where the contract departs from kernels. They end scenarios that are meant for
 * them; all others keep clear.
 *
 * <p>Thread safety: none; one draft asks.
 */
final class Departures {
  private static final long SUBSECTION = 2L << 20;
  private static final long PAGE = 4096;

  /** How many there are. */
  static final int WAYS = 9;

  private final Terrain terrain;
  private final Draft draft;
  private final Dice dice;

  Departures(Terrain terrain, Draft draft, Dice dice) {
    this.terrain = terrain;
    this.draft = draft;
    this.dice = dice;
  }

  /** Lines with names of their own, of which the last should depart. */
  List<String> way(int number) {
    String one = draft.newName("x");
    String other = draft.newName("x");
    long at = place();
    return switch (number) {
      // D-2: within a new range, so that a kernel sees only its ends
      case 0 ->
          List.of(
              "pgmap %s type=GENERIC range=0x%x+2M".formatted(one, at + SUBSECTION),
              "remap-pages " + one,
              "pgmap %s type=GENERIC range=0x%x+6M".formatted(other, at),
              "remap-pages " + other);
      // D-5: a second kill, of which a kernel only warns
      case 1 -> List.of("ref " + one, "ref-kill " + one, "ref-kill " + one);
      // D-8: nothing at all, in RAM
      case 2 -> List.of("memremap %s 0x%x 0 WB".formatted(one, ram()));
      // D-14: switched to atomic mode for good, without reinit
      case 3 -> List.of("ref " + one, "ref-to-atomic " + one);
      // D-10: aligned once what is below a page is dropped
      case 4 ->
          List.of(
              "pgmap %s type=FS_DAX range=0x%x+0x%x"
                  .formatted(one, at, SUBSECTION + 1 + dice.below(PAGE - 2)),
              "remap-pages " + one);
      // D-4: unmapped while somebody has a page
      case 5 ->
          List.of(
              "pgmap %s type=GENERIC range=0x%x+2M".formatted(one, at),
              "remap-pages " + one,
              "page-get 0x%x".formatted(at / PAGE + dice.below(SUBSECTION / PAGE)),
              "unmap-pages " + one);
      // D-1: no type
      case 6 -> List.of("pgmap %s type=0 range=0x%x+2M".formatted(one, at), "remap-pages " + one);
      // D-9: its first byte within the machine's addresses, its last beyond
      case 7 -> List.of("memremap %s 0x%x 8K WB".formatted(one, terrain.lastAddress() + 1 - PAGE));
      // D-12: bits that a kernel shifts out
      default ->
          List.of(
              "pgmap %s type=GENERIC range=0x%x+2M".formatted(one, at),
              "remap-pages " + one,
              "lookup %s 0x%x".formatted(other, (at / PAGE) | (1L << (52 + dice.below(12)))));
    };
  }

  private long place() {
    PhysRange area = dice.of(terrain.pageable());
    long first = (area.start() + SUBSECTION - 1) & -SUBSECTION;
    long slots = (area.endInclusive() + 1 - first) / SUBSECTION - 3;
    return first + SUBSECTION * dice.below(Math.max(1, slots));
  }

  /** In the RAM that scenarios may store to. */
  private long ram() {
    return terrain.scratch().getFirst().start() + dice.below(PAGE);
  }
}
