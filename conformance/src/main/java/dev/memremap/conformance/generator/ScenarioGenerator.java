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
  private static final int SHORTEST = 16;
  private static final int LONGEST = 52;
  private static final int TRIES = 300;

  /** One in so many is meant for a departure: three in a hundred may depart. */
  private static final int ONE_DEPARTS = 40;

  private static final int MOST_DETOURS = 8;

  private final Terrain terrain;
  private final Dialect dialect;
  private final long seed;
  private final Plan plan = new Plan();
  private int written;

  /** A generator that has written nothing yet. */
  public ScenarioGenerator(Terrain terrain, Dialect dialect, long seed) {
    this.terrain = terrain;
    this.dialect = dialect;
    this.seed = seed;
  }

  /** The next scenario, under the name {@code s00001.scenario} and so on. */
  public Scenario next() {
    written++;
    Dice dice = new Dice(seed + 0x9e3779b97f4a7c15L * written);
    String name = "s%05d".formatted(written);
    try (Draft draft =
        new Draft(
            terrain.directory().resolve(name + ".scenario"),
            "seed %d, scenario %d".formatted(seed, written),
            terrain.machine())) {
      Writing writing = new Writing(draft, dice);
      int length = SHORTEST + dice.below(LONGEST - SHORTEST);
      for (int i = 0; i < TRIES && draft.size() < length; i++) {
        writing.step();
      }
      if (written % ONE_DEPARTS == ONE_DEPARTS / 2) {
        writing.depart(written / ONE_DEPARTS % Departures.WAYS);
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
      return often * (1 + 12 * missing);
    }
  }

  /** For those who can be asked about maps that bring their caller's reference. */
  private static final Subject CALLERS_REFERENCES = new Subject(22, true, false, true);

  private static final List<Subject> SUBJECTS =
      List.of(
          new Subject(36, true, false, false),
          new Subject(8, false, true, false),
          new Subject(32, false, false, true),
          new Subject(34, true, true, false),
          new Subject(8, true, true, true));

  /** One scenario being written. */
  private final class Writing {
    private final Draft draft;
    private final Dice dice;
    private final Map<String, Family> verbs = new LinkedHashMap<>();

    Writing(Draft draft, Dice dice) {
      this.draft = draft;
      this.dice = dice;
      MappingFamily mappings = new MappingFamily(terrain, draft, dice);
      RefFamily refs = new RefFamily(draft, dice);
      PagemapFamily pagemaps =
          new PagemapFamily(
              terrain, new PagemapShape(terrain, dialect, draft, dice), refs, draft, dice);
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
        mappings.twoModes().forEach(this::take);
        if (!draft.touched().isEmpty()) {
          take(pagemaps.over(draft.touched().getLast()));
          pagemaps.propose("remap-pages").ifPresent(this::take);
        }
      }
      if (subject.equals(CALLERS_REFERENCES)) {
        bringReference(refs, pagemaps);
      }
    }

    /** What such a scenario is about comes first, or it would seldom come at all. */
    private void bringReference(RefFamily refs, PagemapFamily pagemaps) {
      boolean mapped = false;
      for (int i = 0; i < MOST_DETOURS && !mapped; i++) {
        take(refs.live());
        pagemaps.bringing().ifPresent(this::take);
        mapped = pagemaps.propose("remap-pages").filter(this::take).isPresent();
      }
    }

    private Subject subject() {
      List<Subject> subjects = new ArrayList<>(SUBJECTS);
      if (dialect.callersReference()) {
        subjects.add(CALLERS_REFERENCES);
      }
      double[] weights = subjects.stream().mapToDouble(one -> one.weight(plan)).toArray();
      return subjects.get(dice.weighted(weights));
    }

    void step() {
      List<String> names = new ArrayList<>(verbs.keySet());
      while (!names.isEmpty()) {
        double[] weights = names.stream().mapToDouble(plan::weight).toArray();
        String verb = names.remove(dice.weighted(weights));
        Family family = Objects.requireNonNull(verbs.get(verb));
        Optional<Proposal> proposal = family.propose(verb).or(() -> family.prepare(verb));
        if (proposal.isPresent()) {
          take(proposal.get());
          return;
        }
      }
    }

    /** Whether the line was kept. */
    private boolean take(Proposal proposal) {
      String verb = proposal.verb();
      Answer answer = draft.add(proposal.line());
      if (!isWanted(verb, answer)) {
        draft.takeBack();
        return false;
      }
      plan.count(verb);
      proposal.kept().accept(answer.text());
      return true;
    }

    /** Goes that way until it departs; somewhere it may be barred by what is there already. */
    void depart(int way) {
      Departures departures = new Departures(terrain, draft, dice);
      boolean departed = false;
      for (int i = 0; i < MOST_DETOURS && !departed; i++) {
        for (String line : departures.way(way)) {
          Answer answer = draft.add(line);
          departed = answer.departure().isPresent();
          plan.count(line.split(" ", 2)[0]);
        }
      }
    }

    /**
     * C-12: an older kernel waits for the holders of a caller's reference, a map of it that fails
     * takes the reference along, and one beyond all addresses fails otherwise.
     */
    private boolean departsFromOlder(Answer answer) {
      return dialect.callersReference()
          && (draft.drains()
              || (answer.text().startsWith("error ")
                  && draft
                      .lastMapped()
                      .filter(map -> map.ref().isPresent() || Terrain.isBeyondAddresses(map))
                      .isPresent()));
    }

    private boolean isWanted(String verb, Answer answer) {
      if (answer.departure().isPresent() || departsFromOlder(answer)) {
        return false;
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
