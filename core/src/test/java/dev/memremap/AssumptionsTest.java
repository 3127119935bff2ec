// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.internal.kernel.KernelRules;
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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The property of an honest answer: whatever an assumed fact of a machine really is, the answer
 * stays the same, or that fact was named.
 */
class AssumptionsTest {
  private static final Path FIELD = Path.of("src/test/resources/field");
  private static final int QUESTIONS = 25;

  /**
   * Other values that a fact may have, each as a key of a machine file and its value. No answer
   * rests on the numbers of BARs and on drivers.
   */
  private static final Map<Fact, List<String>> OTHER_VALUES = otherValues();

  /** Kernels that answer otherwise than 6.1 in one thing or in all. */
  private static final List<KernelRules> OTHER_KERNELS =
      List.of(KernelRules.choose("5.10").rules(), KernelRules.choose("7.3").rules());

  private static Map<Fact, List<String>> otherValues() {
    Map<Fact, List<String>> values = new EnumMap<>(Fact.class);
    values.put(Fact.ARCH, List.of("arch=aarch64", "arch=s390x"));
    values.put(Fact.PHYS_BITS, List.of("phys-bits=36", "phys-bits=40", "phys-bits=52"));
    values.put(Fact.PHYS_END, List.of("phys-bits=52"));
    values.put(Fact.PHYSMEM_END, List.of("physmem-end=16T", "physmem-end=40T"));
    values.put(
        Fact.MTRRS,
        List.of("mtrr=off", "mtrr-uc=", "mtrr-uc=0x0+0x10000000000000", "mtrr-uc=0x80000000+2G"));
    values.put(Fact.PAGE_SIZE, List.of("pages=16K", "pages=64K"));
    values.put(Fact.ENCRYPTION, List.of("mem-encrypt=sme", "mem-encrypt=tdx"));
    return values;
  }

  static Stream<Path> maps() throws IOException {
    try (Stream<Path> files = Files.list(FIELD)) {
      return files.filter(file -> file.toString().endsWith(".iomem")).sorted().toList().stream();
    }
  }

  /** A map, with the registers of the file beside it if there is one. */
  private static MachineDescription machine(Path map) throws IOException {
    Path registers = map.resolveSibling(map.getFileName().toString().replace(".iomem", ".mtrr"));
    MachineDescription bare = MachineDescription.read(map);
    if (!Files.exists(registers)) {
      return bare;
    }
    Map<String, String> tables =
        Map.of(
            "proc/mtrr",
            Files.readString(registers),
            "proc/cpuinfo",
            "vendor_id\t: AuthenticAMD\n");
    return bare.withTables(path -> Optional.ofNullable(tables.get(path)));
  }

  /**
   * What a request asks, and how it is explained.
   *
   * @param range where
   */
  private record Question(
      String text, PhysRange range, boolean isInWords, Function<Machine, Plan> asked) {

    Question(String text, PhysRange range, Function<Machine, Plan> asked) {
      this(text, range, false, asked);
    }

    /** That question once more, whose answer is the refusal's sentence, too. */
    Question inWords() {
      return new Question(text, range, true, asked);
    }

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
          .map(why -> why.rule() + " " + why.errno() + (isInWords ? " " + why.sentence() : ""))
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
  void honest(Path map) throws IOException {
    MachineDescription description = machine(map);
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
            if (assumed.contains(Fact.MTRR_DEFAULT)) {
              for (String value : otherDefaults(description)) {
                dishonest.addAll(compare(machine, Fact.MTRR_DEFAULT, value, questions));
              }
            }
            for (KernelRules kernel : OTHER_KERNELS) {
              try (Machine other = Machine.builder(description).rules(kernel).build()) {
                dishonest.addAll(
                    compare(machine, other, Fact.KERNEL, kernel.release() + " kernel", questions));
              }
            }
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

  /** The registers with a default type of either kind, which holds where none of them says more. */
  private static List<String> otherDefaults(MachineDescription description) {
    MachineDescription.Mtrrs mtrrs = Objects.requireNonNull(description.mtrrs());
    List<PhysRange> said = new ArrayList<>();
    List<PhysRange> unsaid = new ArrayList<>();
    long next = 0;
    for (PhysRange register :
        Objects.requireNonNull(mtrrs.registers()).stream().sorted().toList()) {
      mtrrs.uncachable().forEach(uc -> uc.intersection(register).ifPresent(said::add));
      if (register.start() > next) {
        unsaid.add(new PhysRange(next, register.start() - 1));
      }
      next = Math.max(next, register.endInclusive() + 1);
    }
    unsaid.add(new PhysRange(next, description.lastAddress()));
    return List.of(
        uncachable(said.stream()), uncachable(Stream.concat(said.stream(), unsaid.stream())));
  }

  private static String uncachable(Stream<PhysRange> ranges) {
    return ranges
        .sorted()
        .map(range -> "0x%x+0x%x".formatted(range.start(), range.sizeBytes()))
        .collect(Collectors.joining(",", "mtrr-uc=", ""));
  }

  /** The answers that change with a fact although they do not name it. */
  private static List<String> compare(
      Machine machine, Fact fact, String value, List<Question> questions) {
    try (Machine other = otherwise(machine.description(), value)) {
      return other == null ? List.of() : compare(machine, other, fact, value, questions);
    }
  }

  private static List<String> compare(
      Machine machine, Machine other, Fact fact, String value, List<Question> questions) {
    List<String> dishonest = new ArrayList<>();
    for (Question question : questions) {
      String answer = question.answer(machine);
      String changed = question.answer(other);
      if (!changed.equals(answer) && !question.named(machine).contains(fact)) {
        dishonest.add("%s: %s, and with %s %s".formatted(question.text, answer, value, changed));
      }
    }
    return dishonest;
  }

  /** Soft Reserved memory where something is asked for. */
  private static String softReserved(PhysRange range) {
    return "soft-reserved=0x%x+0x%x".formatted(range.start() & -0x1000L, range.sizeBytes());
  }

  @ParameterizedTest
  @MethodSource("maps")
  @DisplayName("since 7.0 what is said of a hole is the same, or names Soft Reserved")
  void holes(Path map) throws IOException {
    MachineDescription description = machine(map).with("kernel", "7.3");
    Seeds.check(
        2,
        random -> {
          List<Question> questions =
              Stream.generate(() -> Question.drawn(description, random)).limit(QUESTIONS).toList();
          List<String> dishonest = new ArrayList<>();
          try (Machine machine = Machine.simulated(description)) {
            boolean isAssumed =
                description.facts().stream()
                    .anyMatch(known -> known.isAssumed() && known.fact() == Fact.SOFT_RESERVED);
            for (Question question : questions) {
              Question inWords = question.inWords();
              dishonest.addAll(
                  isAssumed
                      ? compare(
                          machine,
                          Fact.SOFT_RESERVED,
                          softReserved(question.range),
                          List.of(inWords))
                      : List.of());
            }
          }
          assertThat(dishonest).isEmpty();
        });
  }

  @ParameterizedTest(name = "{0}, {1}, {2}: {3}")
  @CsvSource(
      nullValues = "-",
      delimiter = '|',
      value = {
        "6.19 | - | - | -",
        "7.0 | - | - | assumed: what firmware leaves for a driver is not known, so nothing; /sys/firmware/memmap would tell",
        "7.0 | '' | - | -",
        "7.0 | 0x200000000+1G | - | -",
        "7.0 | - | 200000000-23fffffff : Soft Reserved | -",
      })
  @DisplayName("RI-3 since 7.0 a refusal beside a hole rests on what firmware leaves for a driver")
  void softReserved(
      String kernel, @Nullable String stated, @Nullable String listed, @Nullable String assumed) {
    String facts = "# mtrr=off\n# memtype=\n# phys-bits=40\n# kernel=" + kernel + "\n";
    String ram = "00100000-7fffffff : System RAM\n";
    MachineDescription described =
        MachineDescription.parse(facts + ram + Objects.requireNonNullElse(listed, ""));
    MachineDescription description =
        stated == null ? described : described.with("soft-reserved", stated);
    assertThat(MachineDescription.parse(description.toText()).facts())
        .as("a machine file keeps it")
        .isEqualTo(description.facts());
    try (Machine machine = Machine.simulated(description)) {
      List<Fact.Known> named =
          machine.explain(PhysRange.parse("0x7ffff000+8K"), MemremapFlag.WB).assumptions();
      assertThat(named)
          .filteredOn(known -> known.fact() == Fact.SOFT_RESERVED)
          .extracting(Fact.Known::toString)
          .isEqualTo(assumed == null ? List.of() : List.of(assumed));
      PhysRange ramAlone = PhysRange.parse("0x7fffe000+8K");
      assertThat(machine.explain(ramAlone, MemremapFlag.WB).assumptions())
          .extracting(Fact.Known::fact)
          .doesNotContain(Fact.SOFT_RESERVED);
    }
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

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      nullValues = "-",
      value = {
        "-, kernel",
        "6.1, -",
        "6.1.192, -",
        "6.1.158-rt1, -",
        "6.1.20, kernel-rules",
        "6.1.0-18-amd64, kernel-rules",
        "6.12.9, -",
        "6.12.0-55.el10, kernel-rules",
        "5.10.0, -",
        "5.14.0-503.el9, kernel-rules",
        "6.8.0-45-generic, kernel-rules",
        "6.13, -",
        "6.16.3-amd64, kernel-rules",
        "7.3, -",
        "7.4.1-arch1, kernel-rules",
        "4.19.0-27-amd64, kernel-rules",
      })
  @DisplayName("RI-4 where kernels differ, an answer says whether the rules are assumed")
  void kernels(@Nullable String release, @Nullable String assumed) {
    MachineDescription nested =
        MachineDescription.parse(
            """
            # mtrr=off
            # memtype=
            40000000-7fffffff : CXL Window 0
              40000000-7fffffff : System RAM
            """);
    MachineDescription description = release == null ? nested : nested.with("kernel", release);
    try (Machine machine = Machine.simulated(description)) {
      List<Fact.Known> named =
          machine.explain(PhysRange.of(0x50000000, 0x1000), MemremapFlag.WC).assumptions();
      assertThat(named)
          .extracting(known -> known.fact().id())
          .filteredOn(id -> id.startsWith("kernel"))
          .isEqualTo(assumed == null ? List.of() : List.of(assumed));
      PhysRange beside = PhysRange.of(0x90000000L, 0x1000);
      assertThat(machine.explain(beside, MemremapFlag.WC).assumptions())
          .extracting(Fact.Known::fact)
          .doesNotContain(Fact.KERNEL, Fact.KERNEL_RULES);
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
