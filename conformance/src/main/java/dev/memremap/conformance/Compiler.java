// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The gcc that builds a module: the one its kernel was built with, or another that is here. What
 * must agree for a module to load, the layout of structures, comes from the kernel's configuration;
 * options that only the kernel's own gcc has are left out for another.
 *
 * <p>Thread safety: immutable.
 *
 * @param program its file
 */
record Compiler(Path program) {
  private static final Pattern NAME = Pattern.compile("gcc-([0-9]+)");

  /** Options that came with some gcc, by what in a kernel's configuration asks for them. */
  private static final Map<String, String> NEWER_OPTIONS =
      Map.of("CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT", "-fmin-function-alignment=16");

  /**
   * The best one here for a kernel.
   *
   * @param kernelVariables the file of its headers that names its compiler
   * @throws GuestUnavailableException if it is missing
   */
  static Compiler like(Path kernelVariables) {
    try {
      Matcher named = NAME.matcher(Files.readString(kernelVariables));
      OptionalInt wanted =
          named.find() ? OptionalInt.of(Integer.parseInt(named.group(1))) : OptionalInt.empty();
      return like(wanted, HostTools.searchPath());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Compiler like(OptionalInt wanted, String searchPath) {
    return wanted.stream()
        .boxed()
        .flatMap(version -> nearest(version, searchPath).stream())
        .findFirst()
        .map(Compiler::new)
        .orElseGet(() -> new Compiler(HostTools.find("gcc", "gcc", searchPath)));
  }

  /** That version, else the next newer one, which has its options, else the newest older one. */
  private static Optional<Path> nearest(int wanted, String searchPath) {
    return Stream.of(searchPath.split(File.pathSeparator))
        .filter(directory -> !directory.isEmpty())
        .flatMap(directory -> GuestKernel.children(Path.of(directory)).stream())
        .filter(file -> NAME.matcher(file.getFileName().toString()).matches())
        .filter(Files::isExecutable)
        .min(
            Comparator.<Path, Boolean>comparing(file -> version(file) < wanted)
                .thenComparingInt(file -> Math.abs(version(file) - wanted)));
  }

  private static int version(Path file) {
    Matcher name = NAME.matcher(file.getFileName().toString());
    if (!name.matches()) {
      throw new IllegalArgumentException("Not a gcc: " + file);
    }
    return Integer.parseInt(name.group(1));
  }

  /** What make is told. */
  List<String> makeVariables() {
    List<String> variables = new ArrayList<>(List.of("CC=" + program));
    NEWER_OPTIONS.forEach(
        (config, option) -> {
          if (!understands(option)) {
            variables.add(config + "=");
          }
        });
    return variables;
  }

  private boolean understands(String option) {
    try {
      Process process =
          new ProcessBuilder(program.toString(), option, "-x", "c", "-fsyntax-only", "/dev/null")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      return process.waitFor() == 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new GuestUnavailableException("the build of the kernel module was interrupted");
    }
  }
}
