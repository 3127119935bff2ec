// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.machine.MachineDescription;
import java.util.List;
import java.util.stream.Stream;

/**
 * An operation as a user writes it: its own word, then its arguments. An argument in brackets can
 * be left out; one with {@code =} is a {@code KEY=VALUE}. {@code [KEY=VALUE…]} stands for the keys
 * of a machine file.
 *
 * @param text the whole of it
 * @param word the operation's own
 * @param fewest the fewest arguments
 * @param most the most arguments
 * @param keys of its {@code KEY=VALUE} arguments
 * @param optionalKeys those of the keys that can be left out
 */
record Usage(
    String text, String word, int fewest, int most, List<String> keys, List<String> optionalKeys) {
  private static final String MACHINE_KEYS = "[KEY=VALUE…]";

  static Usage of(String text) {
    List<String> words = List.of(text.split(" ", -1));
    List<String> arguments =
        words.stream()
            .skip(1)
            .flatMap(word -> word.equals(MACHINE_KEYS) ? machineKeys() : Stream.of(word))
            .toList();
    return new Usage(
        text,
        words.getFirst(),
        (int) arguments.stream().filter(argument -> !isOptional(argument)).count(),
        arguments.size(),
        keys(arguments.stream()),
        keys(arguments.stream().filter(Usage::isOptional)));
  }

  private static Stream<String> machineKeys() {
    return MachineDescription.keys().stream().map("[%s=VALUE]"::formatted);
  }

  private static boolean isOptional(String argument) {
    return argument.startsWith("[");
  }

  private static List<String> keys(Stream<String> arguments) {
    return arguments
        .filter(argument -> argument.contains("="))
        .map(argument -> argument.substring(isOptional(argument) ? 1 : 0, argument.indexOf('=')))
        .toList();
  }
}
