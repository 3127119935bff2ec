// SPDX-License-Identifier: Apache-2.0
package dev.memremap.testkit;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.commons.support.AnnotationSupport;

/** Finds the annotation that names a parameter's machine. */
final class NearestName {
  private NearestName() {}

  /**
   * The parameter's, else the method's, the class's, or that of the class around it. A class that
   * registers a {@link MachineExtension} of its own has its machines from that, and not from what
   * the class around it is annotated with.
   */
  static Optional<Annotation> of(ParameterContext parameter, ExtensionContext context) {
    Optional<Annotation> named =
        on(parameter.getParameter()).or(() -> on(parameter.getDeclaringExecutable()));
    List<Class<?>> outwards = new ArrayList<>();
    outwards.add(context.getRequiredTestClass());
    outwards.addAll(context.getEnclosingTestClasses().reversed());
    for (Class<?> tests : outwards) {
      if (named.isPresent()) {
        return named;
      }
      named = on(tests);
      if (named.isEmpty() && registersMachines(tests)) {
        return Optional.empty();
      }
    }
    return named;
  }

  private static boolean registersMachines(Class<?> tests) {
    return !AnnotationSupport.findAnnotatedFields(
            tests, RegisterExtension.class, field -> field.getType() == MachineExtension.class)
        .isEmpty();
  }

  private static Optional<Annotation> on(AnnotatedElement element) {
    Optional<MachineFile> file = AnnotationSupport.findAnnotation(element, MachineFile.class);
    Optional<MachineText> text = AnnotationSupport.findAnnotation(element, MachineText.class);
    if (file.isPresent() && text.isPresent()) {
      throw new ParameterResolutionException(
          "%s has @MachineFile and @MachineText; one of them names its machine".formatted(element));
    }
    return file.<Annotation>map(found -> found).or(() -> text);
  }
}
