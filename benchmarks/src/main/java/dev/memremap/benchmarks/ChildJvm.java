// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The JVM that measures. It ends with the one that started it, unless that is killed by {@code kill
 * -9}.
 *
 * <p>Thread safety: safe for use by many threads; {@code ending} is guarded by {@code STARTING}.
 */
public final class ChildJvm {
  /**
   * The flags of every JVM that measures, ours and peers alike, whatever flags the JVM has that
   * asks for it: the command's own, for one, are chosen for a short life.
   */
  public static final List<String> FLAGS =
      List.of("-XX:+UseG1GC", "-Xms1g", "-Xmx1g", "--enable-native-access=ALL-UNNAMED");

  /** The program that starts it: that of the JVM that asks. */
  public static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  private static final Object STARTING = new Object();
  private static boolean ending;

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(ChildJvm::endAll, "end-children"));
  }

  private ChildJvm() {}

  /**
   * Starts a process that measures, and ends it when this JVM ends. Ctrl-C reaches it anyway;
   * SIGTERM reaches this JVM alone.
   *
   * @throws InterruptedException if this JVM is about to end; nothing is started then
   */
  public static Process start(ProcessBuilder process) throws IOException, InterruptedException {
    synchronized (STARTING) {
      if (ending) {
        throw new InterruptedException("this JVM is about to end");
      }
      return process.start();
    }
  }

  private static void endAll() {
    synchronized (STARTING) {
      ending = true;
      // with SIGTERM, at which JMH deletes its temporary files
      ProcessHandle.current().descendants().forEach(ProcessHandle::destroy);
    }
  }
}
