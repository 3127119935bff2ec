// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import dev.memremap.Machine;
import dev.memremap.rule.Rule;
import dev.memremap.scenario.Answer;
import dev.memremap.scenario.Scenario;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * A mistake in the library's own source, planted for a test: the source is compiled with it beside
 * the library, and what is loaded after that makes the mistake. Nothing of it is in a shipped jar.
 *
 * @param name what goes wrong
 * @param source the file, below {@code core/src/main/java/dev/memremap}
 * @param right what the file says
 * @param wrong what it says instead
 */
record PlantedFault(String name, String source, String right, String wrong) {
  private static final Path SOURCES = Path.of("../core/src/main/java/dev/memremap");

  private static Path place(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Compiles the mistake into a folder, and loads the library with it. */
  Library plant(Path folder) throws Exception {
    Path file = SOURCES.resolve(source);
    String text = Files.readString(file);
    if (text.indexOf(right) < 0 || text.indexOf(right) != text.lastIndexOf(right)) {
      throw new IllegalStateException(
          "%s is to be planted in %s, which does not say '%s' once".formatted(name, file, right));
    }
    compile(text.replace(right, wrong), folder);
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

  private void compile(String text, Path folder) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    boolean done =
        compiler
            .getTask(
                said,
                null,
                null,
                List.of(
                    "-d",
                    folder.toString(),
                    "-proc:none",
                    "-nowarn",
                    "-cp",
                    System.getProperty("java.class.path")),
                null,
                List.of(
                    new SimpleJavaFileObject(
                        URI.create("string:///dev/memremap/" + source),
                        javax.tools.JavaFileObject.Kind.SOURCE) {
                      @Override
                      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return text;
                      }
                    }))
            .call();
    if (!done) {
      throw new IllegalStateException(name + " does not compile: " + said);
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
