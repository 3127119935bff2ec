// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

import static dev.memremap.scenario.Verb.Subject.MAPPING;
import static dev.memremap.scenario.Verb.Subject.PAGEMAP;
import static dev.memremap.scenario.Verb.Subject.REFERENCE;

import dev.memremap.conformance.generator.Dialect.Feature;
import dev.memremap.scenario.Answer;
import dev.memremap.scenario.Scenario;
import dev.memremap.scenario.Verb;
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
 * whether a line is kept. A line where the contract departs from kernels is kept only in the few
 * scenarios meant for that; a line that is misuse, or uses a name that stands for nothing, only now
 * and then. Answers of a kernel play no part.
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
  private final Plan plan;
  private int written;

  /** A generator that has written nothing yet. */
  public ScenarioGenerator(Terrain terrain, Dialect dialect, long seed) {
    this.terrain = terrain;
    this.dialect = dialect;
    this.plan = new Plan(dialect);
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
      plan.count(Verb.MACHINE);
      return Scenario.parse(terrain.directory().resolve(name + ".scenario"), draft.text());
    }
  }

  /** What a scenario is about, in the order in which its verbs are drawn. */
  private record Theme(int often, List<Verb.Subject> subjects) {
    double weight(Plan plan) {
      double missing = subjects.stream().mapToDouble(plan::shortfall).max().orElse(0);
      return often * (1 + 12 * missing);
    }

    boolean isAbout(Verb.Subject subject) {
      return subjects.contains(subject);
    }
  }

  /** For kernels that can be asked about maps that bring their caller's reference. */
  private static final Theme CALLERS_REFERENCES = new Theme(22, List.of(PAGEMAP, REFERENCE));

  private static final List<Theme> THEMES =
      List.of(
          new Theme(36, List.of(PAGEMAP)),
          new Theme(8, List.of(MAPPING)),
          new Theme(32, List.of(REFERENCE)),
          new Theme(34, List.of(PAGEMAP, MAPPING)),
          new Theme(8, List.of(PAGEMAP, MAPPING, REFERENCE)));

  /** One scenario being written. */
  private final class Writing {
    private final Draft draft;
    private final Dice dice;
    private final Map<Verb, Family> verbs = new LinkedHashMap<>();

    Writing(Draft draft, Dice dice) {
      this.draft = draft;
      this.dice = dice;
      MappingFamily mappings = new MappingFamily(terrain, draft, dice);
      RefFamily refs = new RefFamily(draft, dice);
      PagemapFamily pagemaps =
          new PagemapFamily(
              terrain, dialect, new PagemapShape(terrain, dialect, draft, dice), refs, draft, dice);
      Map<Verb.Subject, Family> families =
          Map.of(PAGEMAP, pagemaps, MAPPING, mappings, REFERENCE, refs);
      Theme theme = theme();
      for (Verb.Subject subject : theme.subjects()) {
        plan.on(subject)
            .forEach(verb -> verbs.put(verb, Objects.requireNonNull(families.get(subject))));
      }
      if (theme.isAbout(PAGEMAP) && theme.isAbout(MAPPING) && dice.percent(40)) {
        mappings.twoModes().forEach(this::take);
        if (!draft.touched().isEmpty()) {
          take(pagemaps.over(draft.touched().getLast()));
          pagemaps.propose(Verb.REMAP_PAGES).ifPresent(this::take);
        }
      }
      if (theme.equals(CALLERS_REFERENCES)) {
        bringReference(refs, pagemaps);
      }
    }

    /** What such a scenario is about comes first, or it would seldom come at all. */
    private void bringReference(RefFamily refs, PagemapFamily pagemaps) {
      boolean mapped = false;
      for (int i = 0; i < MOST_DETOURS && !mapped; i++) {
        take(refs.live());
        pagemaps.bringing().ifPresent(this::take);
        mapped = pagemaps.propose(Verb.REMAP_PAGES).filter(this::take).isPresent();
      }
    }

    private Theme theme() {
      List<Theme> themes = new ArrayList<>(THEMES);
      if (dialect.has(Feature.CALLERS_REFERENCE)) {
        themes.add(CALLERS_REFERENCES);
      }
      double[] weights = themes.stream().mapToDouble(one -> one.weight(plan)).toArray();
      return themes.get(dice.weighted(weights));
    }

    void step() {
      List<Verb> left = new ArrayList<>(verbs.keySet());
      while (!left.isEmpty()) {
        double[] weights = left.stream().mapToDouble(plan::weight).toArray();
        Verb verb = left.remove(dice.weighted(weights));
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
      Answer answer = draft.add(proposal.line());
      Verb verb = draft.last().verb();
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
          plan.count(draft.last().verb());
        }
      }
    }

    /**
     * D-20: an older kernel waits for the holders of a caller's reference, and a map of it that
     * fails takes the reference along.
     */
    private boolean departsFromOlder(Answer answer) {
      return dialect.has(Feature.CALLERS_REFERENCE)
          && (draft.drains()
              || (answer.text().startsWith("error ")
                  && draft.lastMapped().filter(map -> map.ref().isPresent()).isPresent()));
    }

    private boolean isWanted(Verb verb, Answer answer) {
      if (answer.departure().isPresent() || departsFromOlder(answer)) {
        return false;
      }
      return switch (answer.text()) {
        case Answer.UNSUPPORTED -> false;
        // a kernel cannot be asked these: they are compared with nothing
        case Answer.NOT_LIVE -> dice.percent(2);
        // an access beyond the end is refused by both
        case Answer.REFUSED -> verb.subject() == MAPPING || dice.percent(4);
        default -> true;
      };
    }
  }
}
