// SPDX-License-Identifier: Apache-2.0
package dev.memremap.testkit;

import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.annotation.Annotation;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * The JUnit extension behind {@link MachineFile} and {@link MachineText}, which register it: it
 * hands a {@linkplain StrictMachine strict machine} to each test and closes it after the test.
 *
 * <p>Thread safety: it has no state; {@link HandedMachines} has the machines.
 */
public final class NamedMachineExtension
    implements ParameterResolver, AfterEachCallback, AfterAllCallback {
  /** Made by JUnit. */
  public NamedMachineExtension() {}

  @Override
  public ExtensionContextScope getTestInstantiationExtensionContextScope(
      ExtensionContext rootContext) {
    return ExtensionContextScope.TEST_METHOD;
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Machine.class
        && NearestName.of(parameter, context).isPresent();
  }

  @Override
  public Machine resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Annotation name = NearestName.of(parameter, context).orElseThrow();
    Class<?> test = context.getRequiredTestClass();
    return HandedMachines.machine(
        parameter,
        context,
        name,
        () -> StrictMachine.of(MachineDescription.parse(text(name, test))));
  }

  private static String text(Annotation name, Class<?> test) {
    return name instanceof MachineFile file
        ? resource(file.value(), test)
        : ((MachineText) name).value();
  }

  private static String resource(String name, Class<?> test) {
    try (InputStream stream = test.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalArgumentException(
            "there is no resource '%s' of %s; a name that begins without a slash is looked for beside the class"
                .formatted(name, test));
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("resource '%s' of %s".formatted(name, test), e);
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    HandedMachines.close(context);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    HandedMachines.close(context);
  }
}
