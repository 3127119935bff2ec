// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What HotSpot's second compiler makes of a method: the machine code that a JVM of its own prints.
 */
final class CompiledCode {
  private static final Pattern METHOD =
      Pattern.compile(
          "Compiled method \\(c2\\).*?::(\\w+) \\(.*?\\[Verified Entry Point](.*?)\\[Exception Handler]",
          Pattern.DOTALL);
  private static final Pattern BYTES =
      Pattern.compile("^ *0x[0-9a-f]+: ([0-9a-f |]+)$", Pattern.MULTILINE);
  private static final Pattern INSTRUCTION =
      Pattern.compile("^ +[0-9a-f]+:\t(?:[0-9a-f]{2} )+ *\t(.*)$", Pattern.MULTILINE);

  private CompiledCode() {}

  /** One method's instructions, in the order they stand. */
  record Method(String name, List<String> instructions) {}

  /** Whether the tool is there that reads machine code. */
  static boolean hasDisassembler() {
    try {
      return run(List.of("objdump", "--version")).startsWith("GNU objdump");
    } catch (UncheckedIOException notThere) {
      return false;
    }
  }

  /**
   * Runs a program in a JVM of its own.
   *
   * @param seed from which the compiler draws the order of instructions where any is right; empty
   *     for its usual order
   */
  static List<Method> of(Class<?> program, Optional<Integer> seed, String... methods) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Ddev.memremap.percpu=cells",
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:-TieredCompilation",
                "-Xbatch"));
    seed.ifPresent(
        number ->
            command.addAll(
                List.of("-XX:+StressLCM", "-XX:+StressGCM", "-XX:StressSeed=" + number)));
    for (String method : methods) {
      command.add("-XX:CompileCommand=print," + method);
      command.add("-XX:CompileCommand=dontinline," + method);
    }
    command.add(program.getName());
    List<Method> compiled = new ArrayList<>();
    Matcher found = METHOD.matcher(run(command));
    while (found.find()) {
      compiled.add(new Method(found.group(1), disassembled(found.group(2))));
    }
    return compiled;
  }

  private static List<String> disassembled(String code) {
    StringBuilder hex = new StringBuilder();
    Matcher bytes = BYTES.matcher(code);
    while (bytes.find()) {
      hex.append(bytes.group(1).replaceAll("[ |]", ""));
    }
    try {
      Path file = Files.createTempFile("memremap-code", ".bin");
      try {
        Files.write(file, HexFormat.of().parseHex(hex));
        return INSTRUCTION
            .matcher(
                run(List.of("objdump", "-D", "-b", "binary", "-m", "i386:x86-64", file.toString())))
            .results()
            .map(result -> result.group(1).strip())
            .toList();
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String run(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      return new String(process.getInputStream().readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
