// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import dev.memremap.Machine;
import dev.memremap.rule.Rule;
import dev.memremap.scenario.Answer;
import dev.memremap.scenario.Scenario;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A mistake in the library's own code, planted for a test: one method of a compiled class is
 * edited, and what is loaded after that makes the mistake. Nothing of it is in a shipped jar.
 *
 * @param name what goes wrong
 * @param type the class, by its binary name
 * @param method the method; with its descriptor, {@code free(J)V}, where the name is not enough
 * @param right the instructions that are replaced, as in {@link JavapText}
 * @param wrong what replaces them
 */
record PlantedFault(String name, String type, String method, String right, String wrong) {
  private static final ClassLoader LIBRARY = PlantedFault.class.getClassLoader();

  /** Finds the classes of the library where stack maps need to know what extends what. */
  private static final ClassFile CLASS_FILE =
      ClassFile.of(
          ClassFile.ClassHierarchyResolverOption.of(
              ClassHierarchyResolver.ofResourceParsing(LIBRARY)));

  /** Writes the class with the mistake into a folder, and loads the library with it. */
  Library plant(Path folder) throws Exception {
    Path file = folder.resolve(fileName());
    Files.createDirectories(file.getParent());
    Files.write(file, edited());
    URL[] urls = {
      folder.toUri().toURL(),
      place(FaultyRun.class).toUri().toURL(),
      place(Machine.class).toUri().toURL(),
      place(Scenario.class).toUri().toURL()
    };
    URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
    Object run = loader.loadClass(FaultyRun.class.getName()).getConstructor().newInstance();
    @SuppressWarnings("unchecked") // it is what FaultyRun implements
    BiFunction<String, String, List<String>> answers =
        (BiFunction<String, String, List<String>>) run;
    return new Library(loader, answers);
  }

  private static Path place(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private String fileName() {
    return type.replace('.', '/') + ".class";
  }

  /**
   * The class with the mistake in it.
   *
   * @throws IllegalStateException with a sentence if the class, the method or the instructions are
   *     not there exactly once, or if the edited class cannot be written or does not verify
   */
  byte[] edited() throws IOException {
    ClassModel original = CLASS_FILE.parse(original());
    JavapText text = new JavapText(original);
    MethodModel edited = method(original);
    JavapText.Place place = place(edited, text);
    CodeTransform replace =
        CodeTransform.ofStateful(
            () -> new Replacement(place, code -> text.write(wrong, place, code)));
    byte[] bytes;
    try {
      bytes =
          CLASS_FILE.transformClass(
              original,
              ClassTransform.transformingMethodBodies(
                  one -> signature(one).equals(signature(edited)), replace));
    } catch (IllegalArgumentException e) {
      throw refused("%s cannot be edited: %s".formatted(nameOf(edited), e.getMessage()), e);
    }
    List<VerifyError> errors = CLASS_FILE.verify(bytes);
    if (!errors.isEmpty()) {
      VerifyError first = errors.getFirst();
      throw refused(
          "%s does not verify then: %s".formatted(nameOf(edited), first.getMessage()), first);
    }
    return bytes;
  }

  /** The class as it was compiled, from a folder or a jar. */
  private byte[] original() throws IOException {
    try (InputStream file = LIBRARY.getResourceAsStream(fileName())) {
      if (file == null) {
        throw refused("no class %s on the class path".formatted(type), null);
      }
      return file.readAllBytes();
    }
  }

  private MethodModel method(ClassModel in) {
    List<MethodModel> named =
        in.methods().stream()
            .filter(
                one ->
                    method.equals(one.methodName().stringValue()) || method.equals(signature(one)))
            .toList();
    if (named.size() != 1) {
      throw refused(
          "%s has %d methods '%s', not one%s"
              .formatted(
                  type,
                  named.size(),
                  method,
                  named.stream()
                      .map(PlantedFault::signature)
                      .collect(Collectors.joining(", ", named.isEmpty() ? "" : ": ", ""))),
          null);
    }
    return named.getFirst();
  }

  private JavapText.Place place(MethodModel edited, JavapText text) {
    CodeModel code =
        edited.code().orElseThrow(() -> refused(nameOf(edited) + " has no code", null));
    List<Instruction> instructions =
        code.elementStream()
            .filter(Instruction.class::isInstance)
            .map(Instruction.class::cast)
            .toList();
    List<JavapText.Place> places = text.find(instructions, right);
    if (places.size() != 1) {
      throw refused(
          "%s has '%s' %d times, not once"
              .formatted(nameOf(edited), String.join("; ", JavapText.lines(right)), places.size()),
          null);
    }
    return places.getFirst();
  }

  private static String signature(MethodModel method) {
    return method.methodName().stringValue() + method.methodType().stringValue();
  }

  private String nameOf(MethodModel method) {
    return type + "." + signature(method);
  }

  private IllegalStateException refused(String why, @Nullable Throwable cause) {
    return new IllegalStateException("'%s' cannot be planted: %s".formatted(name, why), cause);
  }

  @Override
  public String toString() {
    return name;
  }

  /** Replaces the instructions in a place, and leaves other elements where they are. */
  private static final class Replacement implements CodeTransform {
    private final JavapText.Place place;
    private final Consumer<CodeBuilder> write;
    private int next;

    Replacement(JavapText.Place place, Consumer<CodeBuilder> write) {
      this.place = place;
      this.write = write;
    }

    @Override
    public void accept(CodeBuilder code, CodeElement element) {
      if (!(element instanceof Instruction)) {
        code.with(element);
        return;
      }
      int index = next++;
      if (index == place.first()) {
        write.accept(code);
      }
      if (index < place.first() || index >= place.end()) {
        code.with(element);
      }
    }
  }

  /** The library with the mistake in it. */
  record Library(URLClassLoader loader, BiFunction<String, String, List<String>> answers)
      implements AutoCloseable {

    /** Its answers to a scenario. */
    List<Answer> run(Scenario scenario) {
      String text =
          scenario.operations().stream()
              .map(scenario::textOf)
              .collect(Collectors.joining("\n", "", "\n"));
      return answers.apply(scenario.path().toString(), text).stream().map(Library::answer).toList();
    }

    private static Answer answer(String written) {
      String[] parts = written.split("\t", -1);
      Optional<Rule> departure =
          Arrays.stream(Rule.values()).filter(rule -> rule.id().equals(parts[1])).findFirst();
      return new Answer(parts[0], departure, Boolean.parseBoolean(parts[2]), List.of());
    }

    @Override
    public void close() throws IOException {
      loader.close();
    }
  }
}
