// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

import dev.memremap.scenario.Answer;
import dev.memremap.scenario.Scenario;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Writes scenarios from a seed. The same seed on the same terrain gives the same scenarios, however
 * many are asked for.
 *
 * <p>Each is carried out by this library while it is written. What this library answers decides
 * whether a line is kept: a line by which the contract departs from kernels only in the few
 * scenarios meant for them, one that is misuse or works on a name that stands for nothing only now
 * and then. No answer of a kernel has any part in it.
 *
 * <p>Thread safety: none; one thread writes.
 */
public final class ScenarioGenerator {
  private static final int SHORTEST = 12;
  private static final int LONGEST = 44;
  private static final int TRIES = 300;

  private final Terrain terrain;
  private final long seed;
  private final Plan plan = new Plan();
  private int written;

  /** A generator that has written nothing yet. */
  public ScenarioGenerator(Terrain terrain, long seed) {
    this.terrain = terrain;
    this.seed = seed;
  }

  /** The next scenario, under the name {@code s00001.scenario} and so on. */
  public Scenario next() {
    written++;
    Dice dice = new Dice(seed + 0x9e3779b97f4a7c15L * written);
    String name = "s%05d".formatted(written);
    boolean mayDepart = dice.percent(2);
    try (Draft draft =
        new Draft(
            terrain.directory().resolve(name + ".scenario"),
            "seed %d, scenario %d".formatted(seed, written),
            terrain.machine())) {
      Writing writing = new Writing(draft, dice, mayDepart);
      int length = SHORTEST + dice.below(LONGEST - SHORTEST);
      for (int i = 0; i < TRIES && draft.size() < length && !writing.departed; i++) {
        writing.step();
      }
      plan.count("machine");
      return Scenario.parse(terrain.directory().resolve(name + ".scenario"), draft.text());
    }
  }

  /** What a scenario is about. */
  private record Subject(int often, boolean pagemaps, boolean mappings, boolean refs) {
    double weight(Plan plan) {
      double missing = 0;
      if (pagemaps) {
        missing = Math.max(missing, plan.shortfall(Plan.PAGEMAPS));
      }
      if (mappings) {
        missing = Math.max(missing, plan.shortfall(Plan.MAPPINGS));
      }
      if (refs) {
        missing = Math.max(missing, plan.shortfall(Plan.REFS));
      }
      return often * (1 + 4 * missing);
    }
  }

  private static final List<Subject> SUBJECTS =
      List.of(
          new Subject(36, true, false, false),
          new Subject(8, false, true, false),
          new Subject(17, false, false, true),
          new Subject(34, true, true, false),
          new Subject(8, true, true, true));

  /** One scenario being written. */
  private final class Writing {
    private final Draft draft;
    private final Dice dice;
    private final boolean mayDepart;
    private final Map<String, Family> verbs = new LinkedHashMap<>();
    private boolean departed;

    Writing(Draft draft, Dice dice, boolean mayDepart) {
      this.draft = draft;
      this.dice = dice;
      this.mayDepart = mayDepart;
      MappingFamily mappings = new MappingFamily(terrain, draft, dice);
      Family refs = new RefFamily(draft, dice);
      PagemapFamily pagemaps = new PagemapFamily(terrain, draft, dice);
      Subject subject = subject();
      if (subject.pagemaps) {
        Plan.PAGEMAPS.forEach(verb -> verbs.put(verb, pagemaps));
      }
      if (subject.mappings) {
        Plan.MAPPINGS.forEach(verb -> verbs.put(verb, mappings));
      }
      if (subject.refs) {
        Plan.REFS.forEach(verb -> verbs.put(verb, refs));
      }
      if (subject.pagemaps && subject.mappings && dice.percent(40)) {
        mappings.twoModes().forEach(proposal -> take("memremap", proposal));
        if (!draft.touched().isEmpty()) {
          take("pgmap", pagemaps.over(draft.touched().getLast()));
          pagemaps.propose("remap-pages").ifPresent(proposal -> take("remap-pages", proposal));
        }
      }
    }

    private Subject subject() {
      double[] weights = SUBJECTS.stream().mapToDouble(one -> one.weight(plan)).toArray();
      return SUBJECTS.get(dice.weighted(weights));
    }

    void step() {
      List<String> names = new ArrayList<>(verbs.keySet());
      while (!names.isEmpty()) {
        double[] weights = names.stream().mapToDouble(plan::weight).toArray();
        String verb = names.remove(dice.weighted(weights));
        Optional<Proposal> proposal = Objects.requireNonNull(verbs.get(verb)).propose(verb);
        if (proposal.isPresent()) {
          take(verb, proposal.get());
          return;
        }
      }
    }

    private void take(String verb, Proposal proposal) {
      Answer answer = draft.add(proposal.line());
      if (!isWanted(verb, answer)) {
        draft.takeBack();
        return;
      }
      departed = answer.departure().isPresent();
      plan.count(verb);
      proposal.kept().accept(answer.text());
    }

    private boolean isWanted(String verb, Answer answer) {
      if (answer.departure().isPresent()) {
        return mayDepart;
      }
      return switch (answer.text()) {
        case Answer.UNSUPPORTED -> false;
        // a kernel cannot be asked these: they are compared with nothing
        case Answer.NOT_LIVE -> dice.percent(2);
        // an access beyond the end is refused by both
        case Answer.REFUSED -> Plan.MAPPINGS.contains(verb) || dice.percent(4);
        default -> true;
      };
    }
  }
}
