// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.Plan;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.rule.Fact;
import dev.memremap.rule.MemremapException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The property of an honest answer: whatever an assumed fact of a machine really is, the answer
 * stays the same, or that fact was named.
 */
class AssumptionsTest {
  private static final Path FIELD = Path.of("src/test/resources/field");
  private static final int QUESTIONS = 25;

  /** Other values that a fact may have, each as a key of a machine file and its value. */
  private static final Map<Fact, List<String>> OTHER_VALUES = otherValues();

  private static Map<Fact, List<String>> otherValues() {
    Map<Fact, List<String>> values = new EnumMap<>(Fact.class);
    values.put(Fact.ARCH, List.of("arch=aarch64", "arch=s390x"));
    values.put(Fact.PHYS_BITS, List.of("phys-bits=36", "phys-bits=40", "phys-bits=52"));
    values.put(Fact.PHYS_END, List.of("phys-bits=52"));
    values.put(
        Fact.MTRRS,
        List.of("mtrr=off", "mtrr-uc=", "mtrr-uc=0x0+0x10000000000000", "mtrr-uc=0x80000000+2G"));
    values.put(Fact.ENCRYPTION, List.of("mem-encrypt=sme", "mem-encrypt=tdx"));
    return values;
  }

  static Stream<Path> maps() throws IOException {
    try (Stream<Path> files = Files.list(FIELD)) {
      return files.filter(file -> file.toString().endsWith(".iomem")).sorted().toList().stream();
    }
  }

  /**
   * What a request asks, and how it is explained.
   *
   * @param range where
   */
  private record Question(String text, PhysRange range, Function<Machine, Plan> asked) {

    static Question drawn(MachineDescription description, RandomGenerator random) {
      PhysRange range = somewhere(description.root(), random);
      long flags = 1 + random.nextInt(31);
      return switch (random.nextInt(4)) {
        case 0 -> new Question("ioremap " + range, range, machine -> machine.explainIoremap(range));
        case 1 -> {
          PhysRange aligned = PhysRange.of(range.start() & -0x200000L, 0x400000);
          yield new Question(
              "memremap_pages " + aligned,
              aligned,
              machine ->
                  machine.explainPages(DevPagemap.over(aligned).type(MemoryType.GENERIC).build()));
        }
        default ->
            new Question(
                "memremap " + range + " " + MemremapFlag.format(flags),
                range,
                machine -> machine.explain(range.start(), range.sizeBytes(), flags));
      };
    }

    /** Granted as what, or refused by which rule. */
    String answer(Machine machine) {
      Plan plan;
      try {
        plan = asked.apply(machine);
      } catch (MemremapException e) {
        return e.rule() + " " + e.errno();
      }
      if (plan instanceof RemapPlan remap && remap.grant() != null) {
        return "granted %s, direct %s".formatted(remap.grant().mode(), remap.grant().direct());
      }
      return plan.refusal()
          .map(why -> why.rule() + " " + why.errno())
          .orElseGet(() -> plan.lines().getFirst());
    }

    Set<Fact> named(Machine machine) {
      List<Fact.Known> assumptions;
      try {
        assumptions = asked.apply(machine).assumptions();
      } catch (MemremapException e) {
        assumptions = e.assumptions();
      }
      return assumptions.stream().map(Fact.Known::fact).collect(Collectors.toSet());
    }
  }

  /** Some pages at, in or beyond what a map lists. */
  private static PhysRange somewhere(Resource root, RandomGenerator random) {
    if (random.nextInt(8) == 0) {
      return PhysRange.of(random.nextLong(1L << 52) & -0x1000L, 0x1000);
    }
    Resource place = root;
    while (!place.children().isEmpty() && (place == root || random.nextBoolean())) {
      place = place.children().get(random.nextInt(place.children().size()));
    }
    long[] starts = {
      place.range().start(),
      place.range().start() - 0x2000,
      place.range().endInclusive() - 0xfff,
      place.range().endInclusive() + 1,
      place.range().start() + (place.range().sizeBytes() >>> 1)
    };
    long start = starts[random.nextInt(starts.length)] & -0x1000L & (1L << 52) - 1;
    return PhysRange.of(start, 0x1000L << random.nextInt(6));
  }

  /** What the kernel may have mapped where something is asked for. */
  private static List<String> memtypes(PhysRange range) {
    String page = "memtype=0x%x+0x1000:".formatted(range.start() & -0x1000L);
    return List.of(page + "WC", page + "WT", page + "UC");
  }

  private static boolean isPossible(MachineDescription description, String keyAndValue) {
    // a map proves that addresses are at least as wide as it lists
    return !keyAndValue.startsWith("phys-bits=")
        || (1L << Integer.parseInt(keyAndValue.substring("phys-bits=".length()))) - 1
            >= description.lastProvenAddress();
  }

  /** A machine of which one fact is otherwise; null if no machine can be so. */
  private static @Nullable Machine otherwise(MachineDescription description, String keyAndValue) {
    String[] fact = keyAndValue.split("=", 2);
    try {
      return Machine.simulated(description.with(fact[0], fact[1]));
    } catch (IllegalArgumentException cannotBe) {
      return null;
    }
  }

  @ParameterizedTest
  @MethodSource("maps")
  @DisplayName("whatever an assumed fact really is, the answer is the same or names the fact")
  void honest(Path map) {
    MachineDescription description = MachineDescription.read(map);
    Set<Fact> assumed =
        description.facts().stream()
            .filter(Fact.Known::isAssumed)
            .map(Fact.Known::fact)
            .collect(Collectors.toSet());
    Seeds.check(
        2,
        random -> {
          List<Question> questions =
              Stream.generate(() -> Question.drawn(description, random)).limit(QUESTIONS).toList();
          List<String> dishonest = new ArrayList<>();
          try (Machine machine = Machine.simulated(description)) {
            OTHER_VALUES.forEach(
                (fact, values) ->
                    values.stream()
                        .filter(value -> assumed.contains(fact) && isPossible(description, value))
                        .forEach(
                            value ->
                                compare(machine, fact, value, questions).forEach(dishonest::add)));
            for (Question question : questions) {
              if (assumed.contains(Fact.MEMORY_TYPES)) {
                memtypes(question.range)
                    .forEach(
                        value ->
                            compare(machine, Fact.MEMORY_TYPES, value, List.of(question))
                                .forEach(dishonest::add));
              }
            }
          }
          assertThat(dishonest).isEmpty();
        });
  }

  /** The answers that change with a fact although they do not name it. */
  private static List<String> compare(
      Machine machine, Fact fact, String value, List<Question> questions) {
    List<String> dishonest = new ArrayList<>();
    try (Machine other = otherwise(machine.description(), value)) {
      for (Question question : questions) {
        String answer = question.answer(machine);
        String changed = other == null ? answer : question.answer(other);
        if (!changed.equals(answer) && !question.named(machine).contains(fact)) {
          dishonest.add("%s: %s, and with %s %s".formatted(question.text, answer, value, changed));
        }
      }
    }
    return dishonest;
  }

  @Test
  @DisplayName("a refusal that rests on an assumption says so in its exception and its plan")
  void said() {
    MachineDescription bare = MachineDescription.parse("40000000-7fffffff : Soft Reserved\n");
    try (Machine machine = Machine.simulated(bare)) {
      PhysRange beyond = PhysRange.of(1L << 46, 0x1000);
      RemapPlan plan = machine.explain(beyond, MemremapFlag.WC);
      String width =
          "assumed: the width of addresses is not known, so 46 bits; /proc/cpuinfo would tell";
      assertThat(plan.assumptions()).extracting(Fact.Known::toString).contains(width);
      assertThat(plan.lines()).contains("  " + width);
      assertThatThrownBy(() -> machine.memremap(beyond, MemremapFlag.WC))
          .hasMessageContaining(width)
          .isInstanceOfSatisfying(
              MemremapException.class,
              e -> assertThat(e.assumptions()).isEqualTo(plan.assumptions()));
    }
  }

  @Test
  @DisplayName("a machine that states its facts answers without an assumption")
  void stated() {
    MachineDescription description =
        MachineDescription.parse(
            """
            # arch=x86_64
            # phys-bits=40
            # mtrr-uc=0x80000000+0x80000000
            # memtype=
            00100000-3fffffff : System RAM
            40000000-7fffffff : Persistent Memory
            """);
    try (Machine machine = Machine.simulated(description)) {
      for (PhysRange range :
          List.of(PhysRange.of(0x40000000, 0x1000), PhysRange.of(0xffffff0000L, 0x1000))) {
        for (MemremapFlag type : List.of(MemremapFlag.WB, MemremapFlag.WT, MemremapFlag.WC)) {
          assertThat(machine.explain(range, type).assumptions()).isEmpty();
        }
        assertThat(machine.explainIoremap(range).assumptions()).isEmpty();
      }
    }
  }
}
