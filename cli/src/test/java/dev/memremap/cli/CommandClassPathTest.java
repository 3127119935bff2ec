// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HOUSE: what users start carries nothing that only measures the library. */
class CommandClassPathTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "org.openjdk.jmh.annotations.Benchmark",
        "joptsimple.OptionParser",
        "org.apache.commons.math3.stat.StatUtils",
        "io.netty.util.AbstractReferenceCounted",
        "dev.memremap.benchmarks.Goals",
        "dev.memremap.cli.StackMaps",
        "dev.memremap.cli.Rehearsal"
      })
  @DisplayName("the users' command has no JMH on its class path, nor what comes with it")
  void absent(String name) {
    assertThatThrownBy(() -> Class.forName(name)).isInstanceOf(ClassNotFoundException.class);
  }

  @Test
  @DisplayName(
      "no jar of JMH, Netty, commons-math or benchmarks is on the class path of the users' command")
  void jars() {
    Stream<String> jars =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(entry -> Path.of(entry).toAbsolutePath().toString());
    assertThat(jars)
        .isNotEmpty()
        .noneMatch(
            jar ->
                jar.matches(
                    ".*/(jmh-|netty-|commons-math|memremap-benchmarks)[^/]*|.*/benchmarks/target/[^/]*"));
  }
}
