// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import dev.memremap.testing.PublicApi;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Each reference that a public method or constructor of the exported API takes, given null. What a
 * user implements is left out: the interfaces that are open.
 */
class NullArgumentsTest {
  /** Their signatures are the JDK's. */
  private static final Set<String> OF_THE_JDK = Set.of("equals", "valueOf");

  private final SampleArguments samples = new SampleArguments();

  @AfterEach
  void close() {
    samples.close();
  }

  @TestFactory
  @DisplayName("a null argument is refused by the parameter's name")
  List<DynamicTest> each() {
    List<DynamicTest> tests =
        PublicApi.of(Machine.class).types().stream().flatMap(this::tests).toList();
    assertThat(tests).as("parameters that can be null").hasSizeGreaterThan(200);
    return tests;
  }

  private Stream<DynamicTest> tests(Class<?> type) {
    boolean isOpen = type.isInterface() && !type.isSealed();
    return isOpen
        ? Stream.empty()
        : Stream.<Executable>concat(
                Stream.of(type.getDeclaredConstructors()),
                Stream.of(type.getMethods()).filter(method -> isFirstSeenIn(type, method)))
            .filter(NullArgumentsTest::isChecked)
            .flatMap(each -> tests(type, each));
  }

  /** Its own methods, and those of what it extends that users do not see. */
  private static boolean isFirstSeenIn(Class<?> type, Method method) {
    Class<?> declaring = method.getDeclaringClass();
    return declaring == type
        || (declaring.getName().startsWith("dev.memremap.")
            && !Modifier.isPublic(declaring.getModifiers()));
  }

  private static boolean isChecked(Executable each) {
    int modifiers = each.getModifiers();
    return Modifier.isPublic(modifiers)
        && !Modifier.isAbstract(modifiers)
        && !each.isSynthetic()
        && !OF_THE_JDK.contains(each.getName());
  }

  private Stream<DynamicTest> tests(Class<?> type, Executable each) {
    List<DynamicTest> tests = new ArrayList<>();
    Parameter[] parameters = each.getParameters();
    for (int i = 0; i < parameters.length; i++) {
      boolean nullable = parameters[i].getAnnotatedType().isAnnotationPresent(Nullable.class);
      if (!parameters[i].getType().isPrimitive() && !nullable) {
        int tried = i;
        String name = parameters[i].getName();
        tests.add(
            DynamicTest.dynamicTest(
                "%s(%s), %s"
                    .formatted(
                        each instanceof Constructor
                            ? type.getSimpleName()
                            : type.getSimpleName() + "." + each.getName(),
                        Arrays.stream(each.getParameterTypes())
                            .map(Class::getSimpleName)
                            .collect(Collectors.joining(", ")),
                        name),
                () ->
                    assertThat(answer(type, each, tried))
                        .matches(parameters[tried].isNamePresent() ? name : "[a-z]\\w*")));
      }
    }
    return tests.stream();
  }

  /** What is said of null in the place of one parameter. */
  private String answer(Class<?> type, Executable each, int tried) throws Exception {
    Object[] arguments =
        Arrays.stream(each.getParameterTypes()).map(samples::of).toArray(Object[]::new);
    arguments[tried] = null;
    try {
      return "nothing was thrown, but given " + call(type, each, arguments);
    } catch (InvocationTargetException e) {
      Throwable thrown = e.getCause();
      return thrown instanceof NullPointerException
          ? String.valueOf(thrown.getMessage())
          : thrown.toString();
    }
  }

  private @Nullable Object call(Class<?> type, Executable each, Object[] arguments)
      throws ReflectiveOperationException {
    return switch (each) {
      case Constructor<?> constructor -> constructor.newInstance(arguments);
      case Method method ->
          method.invoke(
              Modifier.isStatic(method.getModifiers()) ? null : samples.of(type), arguments);
    };
  }

  /** An exported type would have such methods. */
  static final class Planted {
    private Planted() {}

    /** Takes what it is given. */
    public static String taken(String given) {
      return "taken";
    }

    /** Says nothing of what it was given. */
    public static int unnamed(String given) {
      return given.length();
    }
  }

  @Test
  @DisplayName("a parameter that is taken as null, or refused without its name, is noticed")
  void plantedViolationsAreNoticed() throws Exception {
    for (String name : List.of("taken", "unnamed")) {
      Method planted = Planted.class.getMethod(name, String.class);
      assertThat(isChecked(planted)).isTrue();
      assertThat(answer(Planted.class, planted, 0)).doesNotMatch("[a-z]\\w*");
    }
  }
}
