// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import java.nio.file.Path;
import java.util.List;

/**
 * The JVM that measures.
 *
 * <p>Thread safety: immutable.
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

  private ChildJvm() {}
}
