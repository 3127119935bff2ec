// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** How a method is edited, and when that is refused; no guest is needed. */
class PlantedFaultTest {
  private static final String SAMPLE = Sample.class.getName();

  /** What is edited here. */
  public static class Sample {
    /** Made by the loader that has the edited class. */
    public Sample() {}

    int area(int a, int b) {
      return a * b + a * b;
    }

    int sum(int a, int b) {
      return a + b;
    }

    long sum(long a, long b) {
      return a + b;
    }

    int smaller(int a, int b) {
      if (a < b) {
        return a;
      }
      return b;
    }

    int nothing() {
      return 0;
    }
  }

  /** A class with a method that has no code. */
  interface Unwritten {
    int sum(int a, int b);
  }

  @TempDir private Path folder;

  private static PlantedFault fault(String method, String right, String wrong) {
    return new PlantedFault("a mistake", SAMPLE, method, right, wrong);
  }

  private int call(PlantedFault fault, String method, int a, int b) throws Exception {
    try (PlantedFault.Library library = fault.plant(folder)) {
      Class<?> edited = library.loader().loadClass(SAMPLE);
      assertThat(edited).isNotSameAs(Sample.class);
      var handle = edited.getDeclaredMethod(method, int.class, int.class);
      handle.setAccessible(true);
      return (int) handle.invoke(edited.getConstructor().newInstance(), a, b);
    }
  }

  @ParameterizedTest(name = "{1} becomes {2}: {0}(7, 3) is {3}")
  @CsvSource({
    "area, imul; iadd, imul; isub, 0",
    "smaller, if_icmpge ELSE, if_icmplt ELSE, 7",
    "smaller, iload_1; iload_2; if_icmpge ELSE, goto ELSE, 3",
    "smaller, iload_2; ireturn, bipush 12; ireturn, 12",
    "smaller, iload_1; iload_2, found; dup; ifeq ZERO; swap; ZERO:, 7",
    "sum(II)I, iadd, iconst_1; ishr; iadd, 8",
    "sum(II)I, iadd, found, 10",
  })
  @DisplayName("the loaded class runs the instructions that were written")
  void edits(String method, String right, String wrong, int result) throws Exception {
    String name = method.replaceAll("\\(.*", "");
    assertThat(call(fault(method, right, wrong), name, 7, 3)).isEqualTo(result);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("dev.memremap.conformance.PlantedFaultsTest#faults")
  @DisplayName("each planted fault changes its method, and no other")
  void eachFault(PlantedFault fault) throws Exception {
    Map<String, List<String>> right = methods(original(fault));
    Map<String, List<String>> wrong = methods(fault.edited());
    assertThat(wrong.keySet()).isEqualTo(right.keySet());
    assertThat(right.keySet())
        .filteredOn(method -> !Objects.equals(wrong.get(method), right.get(method)))
        .singleElement()
        .satisfies(method -> assertThat(method.replaceAll("\\(.*", "")).isEqualTo(nameIn(fault)));
  }

  private static String nameIn(PlantedFault fault) {
    return fault.method().replaceAll("\\(.*", "");
  }

  private static byte[] original(PlantedFault fault) throws IOException {
    try (var file =
        PlantedFaultTest.class.getResourceAsStream(
            "/" + fault.type().replace('.', '/') + ".class")) {
      return Objects.requireNonNull(file).readAllBytes();
    }
  }

  /** The instructions of every method of a class. */
  private static Map<String, List<String>> methods(byte[] file) {
    ClassModel type = ClassFile.of().parse(file);
    JavapText text = new JavapText(type);
    return type.methods().stream()
        .filter(method -> method.code().isPresent())
        .collect(
            Collectors.toMap(
                method -> method.methodName().stringValue() + method.methodType().stringValue(),
                method -> instructions(method, text)));
  }

  private static List<String> instructions(MethodModel method, JavapText text) {
    return method
        .code()
        .orElseThrow()
        .elementStream()
        .filter(Instruction.class::isInstance)
        .map(instruction -> text.of((Instruction) instruction))
        .toList();
  }

  private static void assertRefused(PlantedFault fault, String sentence) {
    assertThatThrownBy(fault::edited)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("'a mistake' cannot be planted: " + sentence.replace("Sample", SAMPLE));
  }

  @Test
  @DisplayName("a class that is not there is refused")
  void noClass() {
    assertRefused(
        new PlantedFault("a mistake", "dev.memremap.Nowhere", "sum", "iadd", "isub"),
        "no class dev.memremap.Nowhere on the class path");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "sums      | Sample has 0 methods 'sums', not one",
        "su        | Sample has 0 methods 'su', not one",
        "sum(II)J  | Sample has 0 methods 'sum(II)J', not one",
        "sum       | Sample has 2 methods 'sum', not one: sum(II)I, sum(JJ)J",
      })
  @DisplayName("a method that is not there once is refused")
  void method(String method, String sentence) {
    assertRefused(fault(method, "iadd", "isub"), sentence);
  }

  @Test
  @DisplayName("a method without code is refused")
  void noCode() {
    String type = Unwritten.class.getName();
    assertRefused(
        new PlantedFault("a mistake", type, "sum", "iadd", "isub"), type + ".sum(II)I has no code");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "area      | isub           | Sample.area(II)I has 'isub' 0 times, not once",
        "area      | imul           | Sample.area(II)I has 'imul' 2 times, not once",
        "area      | iload_1; iload_2; imul | Sample.area(II)I has 'iload_1; iload_2; imul' 2 times, not once",
        "area      | imul; imul     | Sample.area(II)I has 'imul; imul' 0 times, not once",
        "area      | ireturn; iadd  | Sample.area(II)I has 'ireturn; iadd' 0 times, not once",
        "nothing   | iconst_0; ireturn; ireturn | Sample.nothing()I has 'iconst_0; ireturn; ireturn' 0 times, not once",
        "nothing   | iconst_1       | Sample.nothing()I has 'iconst_1' 0 times, not once",
        "smaller   | if_icmpge A; iload_1; ireturn; if_icmpge A | Sample.smaller(II)I has 'if_icmpge A; iload_1; ireturn; if_icmpge A' 0 times, not once",
        "nothing   | ' '            | Sample.nothing()I has '' 0 times, not once",
      })
  @DisplayName("instructions that are not there once are refused")
  void pattern(String method, String right, String sentence) {
    assertRefused(fault(method, right, "nop"), sentence);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "imull               | no instruction 'imull'",
        "monitorenter        | 'monitorenter' can be found, but not written; add it to JavapText",
        "invokevirtual other | the constant pool has 0 methods 'other', not one",
        "getfield Sample.a   | the constant pool has 0 fields 'Sample.a', not one",
        "goto NOWHERE        | no line is 'NOWHERE:'",
      })
  @DisplayName("a replacement that cannot be written is refused")
  void replacement(String wrong, String why) {
    assertThatThrownBy(() -> fault("nothing", "iconst_0", wrong).edited())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "'a mistake' cannot be planted: %s.nothing()I cannot be edited: %s", SAMPLE, why);
  }

  @Test
  @DisplayName("a replacement with which the class does not verify is refused")
  void verified() {
    assertThatThrownBy(() -> fault("nothing", "iconst_0", "lconst_0").edited())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("%s.nothing()I does not verify then: ".formatted(SAMPLE));
  }
}
