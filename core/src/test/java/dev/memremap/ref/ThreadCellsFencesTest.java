// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The owner of a cell stores to it and then looks whether the cells are closed, and no compiler may
 * swap the two: the argument of {@link ThreadCells} rests on it, and no run can show that it holds.
 *
 * <p>The first test looks at what the compilers are given, the others at what they made of it. The
 * fences compile to nothing on x86-64, and HotSpot of today keeps the order without them, so the
 * first test alone notices that one is missing; the others notice a compiler that takes no heed.
 */
class ThreadCellsFencesTest {
  private static final String CELLS = ThreadCells.class.getName();
  private static final String REF = PercpuRef.class.getName();

  /** A store of eight bytes to an element of an array. */
  private static final Predicate<String> STORE =
      Pattern.compile("^mov +%r\\w+,0x[0-9a-f]+\\(%r\\w+,%r\\w+,8\\)").asPredicate();

  /** A load, or a comparison, of one byte in a field: {@code closed}. */
  private static final Predicate<String> LOAD =
      Pattern.compile("^(mov[zs]b\\w* +|cmpb +\\$0x0,)0x[0-9a-f]+\\(%r[^)]*\\)").asPredicate();

  @Test
  @DisplayName(
      "PR-7 between the store and the look at closed there are both fences, in their order")
  void fences() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(ThreadCells.class.getResourceAsStream("ThreadCells.class"))) {
      ClassModel model = ClassFile.of().parse(in.readAllBytes());
      List<String> steps = new ArrayList<>();
      model.methods().stream()
          .filter(method -> method.methodName().equalsString("add"))
          .flatMap(method -> method.code().orElseThrow().elementStream())
          .forEach(element -> step(element).ifPresent(steps::add));
      assertThat(steps)
          .containsExactly(
              "getOpaque", "setRelease", "releaseFence", "acquireFence", "closed", "compareAndSet");
      assertThat(
              model.fields().stream()
                  .filter(field -> field.fieldName().equalsString("closed"))
                  .map(field -> field.flags().has(java.lang.reflect.AccessFlag.VOLATILE)))
          .as("closed is volatile")
          .containsExactly(true);
    }
  }

  private static Optional<String> step(CodeElement element) {
    if (element instanceof InvokeInstruction call
        && call.owner().asInternalName().equals("java/lang/invoke/VarHandle")) {
      return Optional.of(call.name().stringValue());
    }
    return element instanceof FieldInstruction field
            && field.opcode() == Opcode.GETFIELD
            && field.name().equalsString("closed")
        ? Optional.of("closed")
        : Optional.empty();
  }

  private static void assumeReadable() {
    boolean hotSpot =
        FastPath.whyNotHere(System.getProperty("os.arch"), System.getProperty("java.vm.name"))
            .isEmpty();
    if (!hotSpot || !CompiledCode.hasDisassembler()) {
      String why =
          hotSpot
              ? "objdump of GNU binutils is not installed: the order in compiled code is not checked"
              : "cells are for HotSpot on x86-64: the order in compiled code is not checked";
      System.out.println(why);
      assumeTrue(false, why);
    }
  }

  @Test
  @DisplayName(
      "PR-7 compiled alone, and into get and put, the store comes before the look at closed")
  void order() {
    assumeReadable();
    List<CompiledCode.Method> compiled =
        CompiledCode.of(CountingProgram.class, Optional.empty(), REF + "::get", REF + "::put");
    assertThat(compiled).extracting(CompiledCode.Method::name).contains("get", "put");
    compiled.forEach(ThreadCellsFencesTest::assertStoreComesFirst);
    List<CompiledCode.Method> alone =
        CompiledCode.of(CountingProgram.class, Optional.empty(), CELLS + "::add");
    assertThat(alone).extracting(CompiledCode.Method::name).contains("add");
    alone.forEach(ThreadCellsFencesTest::assertStoreComesFirst);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  @DisplayName("PR-7 a compiler that may choose its order does not swap the two either")
  void anyOrder(int seed) {
    assumeReadable();
    List<CompiledCode.Method> compiled =
        CompiledCode.of(CountingProgram.class, Optional.of(seed), CELLS + "::add");
    assertThat(compiled).extracting(CompiledCode.Method::name).contains("add");
    compiled.forEach(ThreadCellsFencesTest::assertStoreComesFirst);
  }

  private static void assertStoreComesFirst(CompiledCode.Method method) {
    List<String> accesses =
        method.instructions().stream()
            .filter(STORE.or(LOAD))
            .map(instruction -> STORE.test(instruction) ? "store" : "load")
            .toList();
    assertThat(accesses)
        .as("%s: %s", method.name(), String.join("\n", method.instructions()))
        .startsWith("store", "load");
  }
}
