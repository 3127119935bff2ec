// SPDX-License-Identifier: Apache-2.0
package dev.memremap.testkit;

import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.annotation.Annotation;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;

/**
 * The JUnit extension behind {@link MachineFile} and {@link MachineText}, which register it: it
 * hands a {@linkplain StrictMachine strict machine} to each test and closes it after the test.
 *
 * <p>Thread safety: stateless.
 */
public final class NamedMachineExtension extends HandingExtension {
  /** For JUnit. */
  public NamedMachineExtension() {}

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
        parameter, context, name, () -> StrictMachine.of(description(name, test)));
  }

  private static MachineDescription description(Annotation name, Class<?> test) {
    return name instanceof MachineFile file
        ? MachineDescription.parse(resource(file.value(), test), file.value())
        : MachineDescription.parse(((MachineText) name).value(), "@MachineText");
  }

  private static String resource(String name, Class<?> test) {
    try (InputStream stream = test.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalArgumentException(
            "%s has no resource '%s'; a name that begins without a slash is looked for beside the class"
                .formatted(test, name));
      }
      return text(name, stream.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "resource '%s' of %s cannot be read (%s)".formatted(name, test, e), e);
    }
  }

  /** As a machine file is read: bytes that are not UTF-8 are refused, and the line is named. */
  private static String text(String name, byte[] bytes) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    if (decoder.decode(in, out, true).isError()) {
      long line = 1;
      for (int i = 0; i < in.position(); i++) {
        line += bytes[i] == '\n' ? 1 : 0;
      }
      throw new IllegalArgumentException(
          "%s:%d: the line is not UTF-8; save the file as UTF-8 text".formatted(name, line));
    }
    return out.flip().toString();
  }
}
