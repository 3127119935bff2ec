// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * What a verb means: what it works on, how its arguments are read, and the method that carries it
 * out.
 *
 * @param <T> its arguments
 * @param subject what it works on
 * @param syntax reads the arguments, whose number has been checked
 * @param method answers
 */
record Meaning<T extends Arguments>(
    Verb.Subject subject,
    Function<Statement, T> syntax,
    BiFunction<MachineExecutor, T, Answer> method) {

  static <T extends Arguments> Meaning<T> machine(
      Function<Statement, T> syntax, BiFunction<MachineExecutor, T, Answer> method) {
    return new Meaning<>(Verb.Subject.MACHINE, syntax, method);
  }

  static <T extends Arguments> Meaning<T> mapping(
      Function<Statement, T> syntax, BiFunction<MappingOperations, T, Answer> method) {
    return new Meaning<>(
        Verb.Subject.MAPPING,
        syntax,
        (executor, arguments) -> method.apply(executor.mappings(), arguments));
  }

  static <T extends Arguments> Meaning<T> ref(
      Function<Statement, T> syntax, BiFunction<RefOperations, T, Answer> method) {
    return new Meaning<>(
        Verb.Subject.REFERENCE,
        syntax,
        (executor, arguments) -> method.apply(executor.refs(), arguments));
  }

  static <T extends Arguments> Meaning<T> device(
      Function<Statement, T> syntax, BiFunction<DeviceOperations, T, Answer> method) {
    return new Meaning<>(
        Verb.Subject.PAGEMAP,
        syntax,
        (executor, arguments) -> method.apply(executor.devices(), arguments));
  }

  static <T extends Arguments> Meaning<T> pagemap(
      Function<Statement, T> syntax, BiFunction<PagemapOperations, T, Answer> method) {
    return new Meaning<>(
        Verb.Subject.PAGEMAP,
        syntax,
        (executor, arguments) -> method.apply(executor.pagemaps(), arguments));
  }

  /** Carries out what {@link #syntax} has read. */
  @SuppressWarnings("unchecked") // the arguments of an operation were read by its verb's syntax
  Answer carryOut(MachineExecutor executor, Arguments arguments) {
    return method.apply(executor, (T) arguments);
  }
}
