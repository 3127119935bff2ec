// SPDX-License-Identifier: Apache-2.0
package dev.memremap.thorough;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * All pieces. Seconds are of two quiet cores; where a piece takes longer than {@link
 * Shares#MOST_SECONDS}, it is cut into parts.
 */
final class Catalogue {
  private static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";
  private static final String CELLS = "-Ddev.memremap.percpu=cells";
  private static final String MODELS = "-Ddev.memremap.models.runs=150";

  /** At most: a map of pages finds room after 270, most calls much sooner. */
  private static final String FILLINGS = "-Ddev.memremap.fillings=300";

  private static final String AGENT = "-XX:+EnableDynamicAgentLoading";
  private static final String STRIPES = "-Ddev.memremap.percpu=stripes";

  /**
   * No POSIX permissions, locks or links, and no /dev, /proc and /sys: {@code docs/platforms.md}.
   */
  private static final String ELSEWHERE =
      "-Djava.nio.file.spi.DefaultFileSystemProvider=dev.memremap.elsewhere.PlainFileSystemProvider";

  private static final int FUZZ_SECONDS = 60;

  /**
   * Seconds for one input: on a quiet machine one is enough; that the machine is busy must not look
   * like a fault. The first input loads and instruments all classes.
   */
  private static final int FUZZ_HANGS_AFTER = 120;

  private static final String FUZZ_HEAP = "-Xmx512m";

  private final String consolePath;

  /** Runs tests with the launcher of JUnit, and Jazzer, that lie on {@code consolePath}. */
  Catalogue(String consolePath) {
    this.consolePath = consolePath;
  }

  /** All pieces, in the order of the modules. */
  List<Piece> pieces() {
    List<Piece> all = new ArrayList<>();
    all.addAll(suite("core", "stripes", 130, 1, STRIPES));
    all.addAll(suite("core", "G1", 130, 1, CELLS, "-XX:+UseG1GC"));
    all.addAll(suite("core", "ZGC", 150, 1, CELLS, "-XX:+UseZGC"));
    all.addAll(suite("core", "Shenandoah", 150, 1, CELLS, "-XX:+UseShenandoahGC"));
    all.addAll(suite("core", "Serial", 130, 1, CELLS, "-XX:+UseSerialGC"));
    all.addAll(suite("core", "Parallel", 130, 1, CELLS, "-XX:+UseParallelGC"));
    all.addAll(
        suite("core", "compact object headers", 130, 1, CELLS, "-XX:+UseCompactObjectHeaders"));
    all.addAll(suite("core", "C1 only", 160, 1, CELLS, "-XX:TieredStopAtLevel=1"));
    all.addAll(suite("core", "-Xcheck:jni", 180, 1, CELLS, "-Xcheck:jni"));
    all.addAll(suite("core", "-Xint", 1000, 4, CELLS, "-Xint"));
    all.addAll(suite("core", "without assertions", 130, 1, CELLS, "-da"));
    all.addAll(suite("core", "without what is Linux's own", 140, 1, ELSEWHERE));
    all.addAll(
        suite(
            "core",
            "with POSIX permissions alone",
            140,
            1,
            ELSEWHERE,
            "-Ddev.memremap.elsewhere.posix=true"));
    all.add(probes());
    for (String compiled : List.of("-Xint", "-XX:-TieredCompilation")) {
      all.add(test("core", "EndOfStackTest", 240, CELLS, "-Ddev.memremap.depths=220", compiled));
    }
    for (String calls : List.of("EndOfHeapTest", "EndOfHeapOfDevicesTest")) {
      all.add(test("core", calls, 200, CELLS, FILLINGS));
    }
    all.addAll(suite("linux", "no fast path asked for", 60, 1));
    all.addAll(suite("linux", "stripes", 60, 1, STRIPES));
    all.addAll(suite("linux", "without assertions", 60, 1, CELLS, "-da"));
    all.addAll(suite("reading", "without assertions", 45, 1, "-da"));
    all.add(test("reading", "HostileArchiveTest", 60));
    all.addAll(suite("scenario", "stripes", 45, 1, STRIPES));
    all.addAll(suite("scenario", "without assertions", 45, 1, CELLS, "-da"));
    all.addAll(suite("pager", "without assertions", 45, 1, "-da"));
    all.add(test("pager", "store.LongKilledWriterTest", 240));
    for (String what : List.of("masterKilled", "laggingReplica", "twoApplications")) {
      all.add(method("valkey", "ClusterTest#%s(int)".formatted(what), 200));
    }
    for (String what : List.of("stopped", "apart", "slotsMoved", "added", "replicasLost")) {
      all.add(method("valkey", "ChangedClusterTest#%s(int)".formatted(what), 200));
    }
    all.add(method("valkey", "RemoteMemoryInClusterTest#slotsLost(int)", 200));
    all.add(test("valkey", "RedisContractTest", 40));
    all.add(test("valkey", "TermIndexInClusterTest", 60));
    all.add(test("valkey", "TransferToClusterTest", 60));
    all.add(test("valkey", "SentinelTest", 40));
    all.addAll(suite("cli", "without assertions", 45, 1, CELLS, "-da"));
    all.add(test("cli", "Arm64GuestTest", 60, CELLS));
    all.add(test("cli", "documents.LongDocumentsTest", 90));
    all.add(test("cli", "ServeLoadTest", 150));
    all.addAll(suite("benchmarks", "without assertions", 45, 1, CELLS, "-da"));
    all.add(lostMemory("core", "LostRegistersTest", 30));
    all.add(lostMemory("core", "LostMemoryTableTest", 60));
    all.add(lostMemory("linux", "linux.LostHostRegistersTest", 30));
    all.add(test("conformance", "PlantedFaultsTest", 300, CELLS));
    all.add(test("conformance", "KernelConformanceTest", 150, STRIPES));
    all.add(test("conformance", "VerbTableTest", 40));
    all.add(test("conformance", "NamespaceGuestTest", 150));
    all.add(test("stress", "ModelsTest", 150, "-Ddev.memremap.models.scenarios=15", MODELS, AGENT));
    all.add(test("stress", "WeakenedTest", 180, AGENT));
    for (String collector : List.of("Serial", "Parallel", "G1", "Z", "Shenandoah")) {
      String chosen = "-Ddev.memremap.pager.collector=" + collector;
      all.add(method("pager", "hammer.HammerTest#longRun(java.lang.String)", 400, chosen));
      all.add(
          method(
              "pager", "hammer.KilledProcessesTest#killedForLong(java.lang.String)", 240, chosen));
    }
    all.add(fuzz("reading", "dev.memremap.reading.MapFuzz", "map"));
    all.add(fuzz("reading", "dev.memremap.reading.FactsFuzz", "facts"));
    all.add(fuzz("reading", "dev.memremap.reading.ArchiveFuzz", "archive"));
    all.add(fuzz("scenario", "dev.memremap.scenario.ScenarioFuzz", "scenario"));
    all.add(fuzz("linux", "dev.memremap.linux.SysfsFuzz", "sysfs"));
    all.add(fuzz("cli", "dev.memremap.cli.ArgumentsFuzz", "arguments"));
    all.add(fuzz("benchmarks", "dev.memremap.benchmarks.run.EarlierRunFuzz", "bench"));
    for (String way : List.of(CELLS, STRIPES)) {
      all.addAll(races(way));
      all.add(program("PagemapStress", 200, way));
      all.add(program("PagemapStress", 200, way, "-XX:+UseZGC"));
      all.add(program("PercpuRefKills", 200, way));
      all.add(holdRounds(way.equals(CELLS) ? 250 : 150, 100_000, way));
    }
    all.add(holdRounds(250, 100_000, CELLS, "-XX:+UseZGC"));
    all.add(holdRounds(100, 10_000, CELLS, "-Xint"));
    return all;
  }

  private List<Piece> suite(
      String module, String how, int seconds, int parts, String... jvmOptions) {
    return IntStream.rangeClosed(1, parts)
        .mapToObj(
            part ->
                new Piece(
                    "%s, %s%s"
                        .formatted(module, how, parts == 1 ? "" : ", " + part + " of " + parts),
                    module,
                    seconds / parts,
                    built -> suite(built, built.testClasses(part, parts), jvmOptions)))
        .toList();
  }

  /**
   * A test that is tagged as long has a piece of its own; it does not depend on the JVM's set-up.
   */
  private List<String> suite(BuiltModule module, List<String> classes, String... jvmOptions)
      throws java.io.IOException {
    List<String> line = junit(module, classes, jvmOptions);
    line.add("--exclude-tag=thorough");
    return line;
  }

  private Piece test(String module, String name, int seconds, String... jvmOptions) {
    return new Piece(
        "%s, %s %s".formatted(module, name, String.join(" ", jvmOptions)),
        module,
        seconds,
        built -> junit(built, List.of(packageOf(module) + name), jvmOptions));
  }

  /** One long method of a test. */
  private Piece method(String module, String method, int seconds, String... jvmOptions) {
    return new Piece(
        "%s, %s %s".formatted(module, method, String.join(" ", jvmOptions)),
        module,
        seconds,
        built -> {
          List<String> line = junit(built, List.of(), jvmOptions);
          line.add("--select-method=" + packageOf(module) + method);
          return line;
        });
  }

  private static String packageOf(String module) {
    return module.equals("core") ? "dev.memremap." : "dev.memremap." + module + ".";
  }

  /** Tests that start JVMs of their own, with accesses made often enough for each compiler. */
  private Piece lostMemory(String module, String name, int seconds) {
    return new Piece(
        "%s, %s in full".formatted(module, name),
        module,
        seconds,
        built ->
            junit(built, List.of("dev.memremap." + name), CELLS, "-Ddev.memremap.rounds=400000"));
  }

  private List<String> junit(BuiltModule module, List<String> classes, String... jvmOptions)
      throws java.io.IOException {
    List<String> line = new ArrayList<>(List.of(jvmOptions));
    if (!line.contains("-da")) {
      line.add("-ea");
    }
    line.addAll(List.of(NATIVE_ACCESS, "-cp", module.testClassPath(consolePath)));
    line.addAll(List.of("org.junit.platform.console.ConsoleLauncher", "execute"));
    line.addAll(List.of("--disable-banner", "--disable-ansi-colors", "--fail-if-no-tests"));
    line.add("--details=summary");
    // a test that hangs still ends, before CI gives up
    line.add("--config=junit.jupiter.execution.timeout.default=30 m");
    line.add("--config=junit.jupiter.execution.timeout.threaddump.enabled=true");
    classes.forEach(name -> line.add("--select-class=" + name));
    return line;
  }

  /** Devices made and released in a heap that holds few of them. */
  private Piece probes() {
    return new Piece(
        "core, ten million probes and removes in 16 MiB",
        "core",
        120,
        built ->
            List.of(
                "-Xmx16m",
                CELLS,
                "-cp",
                built.testClassPath(consolePath),
                "dev.memremap.ProbingProgram",
                "5000000"));
  }

  /**
   * Jazzer for a minute on one reader: an input that it finds lies in {@code target}, and belongs
   * into the corpus once it is mended.
   *
   * @param target a class of the module's tests that has {@code fuzzerTestOneInput}
   * @param corpus the folder of its kept inputs below {@code src/test/resources/fuzz}
   */
  private Piece fuzz(String module, String target, String corpus) {
    return new Piece(
        "%s, fuzz %s".formatted(module, corpus),
        module,
        FUZZ_SECONDS + 15,
        built -> {
          Path found = built.folder().resolve("target/fuzz").resolve(corpus);
          Files.createDirectories(found);
          return List.of(
              FUZZ_HEAP,
              NATIVE_ACCESS,
              "-cp",
              built.testClassPath(consolePath),
              "com.code_intelligence.jazzer.Jazzer",
              "--target_class=" + target,
              "--instrumentation_includes=dev.memremap.**",
              "--reproducer_path=target",
              "-artifact_prefix=target/",
              "-max_total_time=" + FUZZ_SECONDS,
              "-timeout=" + FUZZ_HANGS_AFTER,
              "-rss_limit_mb=0",
              found.toString(),
              built.folder().resolve("src/test/resources/fuzz").resolve(corpus).toString());
        });
  }

  private static List<Piece> races(String way) {
    return Stream.of("ChangesAreSeen", "PercpuRefRaces", "PercpuRefRevivals", "HoldRaces")
        .map(
            tests ->
                new Piece(
                    "stress, %s %s".formatted(tests, way),
                    "stress",
                    300,
                    built ->
                        List.of(
                            "-jar",
                            built.folder().resolve("target/stress.jar").toString(),
                            "-t",
                            tests,
                            "-m",
                            "quick",
                            "-jvmArgs",
                            way + " " + NATIVE_ACCESS,
                            "-r",
                            built.folder().resolve("target/jcstress-report").toString())))
        .toList();
  }

  private static Piece program(String name, int seconds, String... jvmOptions) {
    return program(name, seconds, List.of("--seconds", "" + (seconds - 10)), jvmOptions);
  }

  /**
   * However many rounds there are, ten million gets and puts are tried in them: a get that finds no
   * map, and the put that goes with it, count as well. The seconds are extrapolated, not measured:
   * 2,000 rounds took 10 s of processor time with cells and 5 s with stripes, 200 under -Xint took
   * 2.5 s, all on a busy machine, and two threads share the work.
   */
  private static Piece holdRounds(int seconds, int rounds, String... jvmOptions) {
    return program(
        "HoldRounds",
        seconds,
        List.of("--rounds", "" + rounds, "--operations", "10000000"),
        jvmOptions);
  }

  private static Piece program(
      String name, int seconds, List<String> arguments, String... jvmOptions) {
    return new Piece(
        "stress, %s %s".formatted(name, String.join(" ", jvmOptions)),
        "stress",
        seconds,
        built ->
            Stream.of(
                    Stream.of(jvmOptions),
                    Stream.of(NATIVE_ACCESS, "-cp"),
                    Stream.of(built.folder().resolve("target/stress.jar").toString()),
                    Stream.of("dev.memremap.stress." + name),
                    arguments.stream())
                .flatMap(words -> words)
                .toList());
  }
}
