// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import dev.memremap.Machine;
import dev.memremap.testing.PublicApi;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The callbacks of the exported API, {@code spi} apart, read from its classes: each parameter of an
 * interface that a user may implement.
 */
final class UserCallbacks {
  private UserCallbacks() {}

  /** Each parameter of public methods and constructors that a user's code may stand behind. */
  static Set<String> of(List<Class<?>> types) {
    Set<String> found = new TreeSet<>();
    for (Class<?> type : types) {
      Stream.<Executable>concat(
              Stream.of(type.getDeclaredConstructors()), Stream.of(type.getDeclaredMethods()))
          .filter(each -> Modifier.isPublic(each.getModifiers()) && !each.isSynthetic())
          .forEach(
              each -> {
                for (Class<?> parameter : each.getParameterTypes()) {
                  if (isCallback(parameter)) {
                    found.add(
                        "%s(%s)"
                            .formatted(
                                each instanceof Method
                                    ? type.getSimpleName() + "." + each.getName()
                                    : "new " + type.getSimpleName(),
                                parameter.getSimpleName()));
                  }
                }
              });
    }
    return found;
  }

  /** An interface that anyone may implement, and that is not one of the JDK's data. */
  static boolean isCallback(Class<?> type) {
    boolean open = type.isInterface() && !type.isSealed() && !type.isAnnotation();
    boolean ours =
        type.getName().startsWith("dev.memremap.")
            && !type.getPackageName().equals("dev.memremap.spi");
    return open && (ours || type.isAnnotationPresent(FunctionalInterface.class));
  }

  static List<Class<?>> exported() {
    return PublicApi.of(Machine.class).types().stream()
        .filter(type -> !type.getPackageName().equals("dev.memremap.spi"))
        .toList();
  }
}
