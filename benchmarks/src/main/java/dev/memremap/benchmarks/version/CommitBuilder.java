// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.version;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Builds a commit's {@code benchmarks.jar} by the commit's own Maven build, and keeps it in a cache
 * under the commit's full hash. The build runs in a temporary folder of the cache, which is deleted
 * afterwards, at Ctrl-C and SIGTERM too; the jar gets its name in the cache when it is whole. A
 * commit's launcher has a tree of its own there, and builds in it.
 *
 * <p>Thread safety: immutable; two builds of one commit at once both end with the same jar.
 *
 * @param repository where the commits are
 * @param cache where the jars are kept
 * @param maven the command that starts Maven
 */
public record CommitBuilder(Repository repository, Path cache, List<String> maven) {
  private static final String JAR = "benchmarks.jar";
  private static final String TREE = "tree";
  private static final String LAUNCHER = "memremap";

  /** A process that a signal ended has a status above this. */
  private static final int SIGNALLED = 128;

  private static final long KILL_AGAIN_MILLIS = 50;

  private static final List<String> BUILD =
      List.of("-q", "-B", "-ntp", "-Dmaven.test.skip=true", "-pl", "benchmarks", "-am", "package");

  /** Copies what it is given. */
  public CommitBuilder {
    maven = List.copyOf(maven);
  }

  /**
   * With the Maven of the PATH and the user's cache.
   *
   * @throws IllegalArgumentException if these classes lie in no repository
   */
  public static CommitBuilder ofTheseClasses() throws InterruptedException {
    Repository repository =
        Repository.ofTheseClasses()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "this program does not lie in a git repository, so it knows no commits; name a jar"));
    return new CommitBuilder(repository, cache(System.getenv()), List.of("mvn"));
  }

  static Path cache(Map<String, String> environment) {
    @Nullable String cache = environment.get("XDG_CACHE_HOME");
    Path user =
        cache != null && !cache.isEmpty()
            ? Path.of(cache)
            : Path.of(System.getProperty("user.home"), ".cache");
    return user.resolve("memremap").resolve("bench");
  }

  /**
   * The commit's jar, from the cache or built.
   *
   * @param hash a full hash
   * @param progress hears that a build begins
   * @throws IllegalArgumentException if the commit does not build
   */
  Path jar(String hash, Consumer<String> progress) throws IOException, InterruptedException {
    Path kept = cache.resolve(hash).resolve(JAR);
    if (Files.exists(kept)) {
      return kept;
    }
    progress.accept(
        "builds %s once, and keeps it in %s".formatted(Repository.shortened(hash), kept));
    return inTree(
        hash,
        tree -> {
          Path built = build(hash, tree);
          Files.createDirectories(kept.getParent());
          return Files.move(built, kept, StandardCopyOption.ATOMIC_MOVE);
        });
  }

  /**
   * The commit's launcher, in a tree of its own in the cache. Its first start builds the command
   * there.
   *
   * @param hash a full hash
   * @param progress hears that a build will begin
   * @throws IllegalArgumentException if the commit has no launcher
   */
  Path launcher(String hash, Consumer<String> progress) throws IOException, InterruptedException {
    Path kept = cache.resolve(hash).resolve(TREE);
    if (!Files.exists(kept)) {
      progress.accept(
          "builds the command of %s once, and keeps it in %s"
              .formatted(Repository.shortened(hash), kept));
      inTree(
          hash,
          tree -> {
            if (!Files.isExecutable(tree.resolve(LAUNCHER))) {
              throw new IllegalArgumentException(
                  "%s has no launcher %s".formatted(Repository.shortened(hash), LAUNCHER));
            }
            Files.createDirectories(kept.getParent());
            return Files.move(tree, kept, StandardCopyOption.ATOMIC_MOVE);
          });
    }
    return kept.resolve(LAUNCHER);
  }

  /** What is done with the files of a commit. */
  private interface InTree {
    Path keep(Path tree) throws IOException, InterruptedException;
  }

  /** Does something with the files of a commit, in a folder that is deleted afterwards. */
  private Path inTree(String hash, InTree action) throws IOException, InterruptedException {
    CountDownLatch deleted = new CountDownLatch(1);
    Thread atExit = new Thread(() -> endBuild(deleted), "end-build");
    Runtime.getRuntime().addShutdownHook(atExit);
    try {
      Files.createDirectories(cache);
      Path tree = Files.createTempDirectory(cache, ".build-");
      try {
        repository.extract(hash, tree);
        return action.keep(tree);
      } finally {
        delete(tree);
      }
    } finally {
      deleted.countDown();
      forget(atExit);
    }
  }

  /**
   * Runs when this JVM ends during a build, by Ctrl-C or SIGTERM: the JVM waits for this, but not
   * for the finally clauses of the thread that builds. Kills what that thread waits for until it
   * has deleted the folder.
   */
  private static void endBuild(CountDownLatch deleted) {
    try {
      do {
        ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
      } while (!deleted.await(KILL_AGAIN_MILLIS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Path build(String hash, Path tree) throws IOException, InterruptedException {
    String name = Repository.shortened(hash);
    if (!Files.exists(tree.resolve("benchmarks").resolve("pom.xml"))) {
      throw new IllegalArgumentException(name + " has no module benchmarks");
    }
    Process build;
    try {
      build =
          new ProcessBuilder(Stream.concat(maven.stream(), BUILD.stream()).toList())
              .directory(tree.toFile())
              .redirectErrorStream(true)
              .start();
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "Maven is needed to build %s and is not on the PATH".formatted(name), e);
    }
    String said;
    int status;
    try {
      build.getOutputStream().close();
      said = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      status = build.waitFor();
    } finally {
      build.descendants().forEach(ProcessHandle::destroyForcibly);
      build.destroyForcibly();
    }
    if (status > SIGNALLED) {
      throw new InterruptedException("Maven was ended by a signal");
    }
    Path jar = tree.resolve("benchmarks").resolve("target").resolve(JAR);
    if (status != 0 || !Files.exists(jar)) {
      throw new IllegalArgumentException(
          "%s does not build; Maven says: %s".formatted(name, firstError(said, tree)));
    }
    return jar;
  }

  private static String firstError(String said, Path tree) {
    return said.lines()
        .filter(line -> line.startsWith("[ERROR] "))
        .map(line -> line.substring("[ERROR] ".length()).replace(tree + "/", "").strip())
        .filter(line -> !line.isEmpty())
        .findFirst()
        .orElse("nothing, and there is no benchmarks/target/" + JAR);
  }

  private static void forget(Thread atExit) {
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException exiting) {
      // it runs already
    }
  }

  private static void delete(Path tree) {
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      // a file that cannot be deleted stays in the folder for temporary files
    }
  }
}
