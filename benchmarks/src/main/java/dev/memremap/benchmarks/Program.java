// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A class with a {@code main} that runs in a JVM of its own and prints its figures by {@link
 * #print}, among whatever else it prints. It gets the argument {@code quick} if it is enough to see
 * that it works.
 *
 * <p>Thread safety: immutable.
 *
 * @param main the class
 * @param jvmArgs flags of its JVM, after those that all have
 * @param seconds how many seconds it takes, about
 */
public record Program(Class<?> main, List<String> jvmArgs, double seconds) implements Probe {
  private static final String MARK = "figure";

  /** Copies what it is given. */
  public Program {
    jvmArgs = List.copyOf(jvmArgs);
  }

  /** With the flags that all have. */
  public static Program of(Class<?> main) {
    return new Program(main, List.of(), SECONDS);
  }

  /** This one, which takes about so many seconds. */
  public Program taking(double about) {
    return new Program(main, jvmArgs, about);
  }

  @Override
  public double seconds(boolean quick) {
    return quick ? QUICK_SECONDS : seconds;
  }

  /** One of its figures. */
  public Subject figure(String name) {
    return new Subject.Probed(this, name);
  }

  /**
   * What the program itself calls: prints a figure in the one form that is found again.
   *
   * @param name without a tabulator
   */
  public static void print(String name, double amount, Unit unit) {
    System.out.println(String.join("\t", MARK, name, Double.toString(amount), unit.name()));
  }

  /** As {@link #print(String, double, Unit)}, with a whole number. */
  public static void print(String name, long amount, Unit unit) {
    print(name, (double) amount, unit);
  }

  @Override
  public String name() {
    return main.getSimpleName();
  }

  @Override
  public List<Figure> measure(boolean quick) throws IOException, InterruptedException {
    return measure(System.getProperty("java.class.path"), main.getName(), quick);
  }

  /**
   * Measures another version of the program once.
   *
   * @param classPath where that is
   * @param name its class there
   * @param quick whether it is enough to see that it works
   */
  public List<Figure> measure(String classPath, String name, boolean quick)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(ChildJvm.JAVA);
    command.addAll(ChildJvm.FLAGS);
    command.addAll(jvmArgs);
    command.addAll(List.of("-cp", classPath, name));
    if (quick) {
      command.add("quick");
    }
    Process child = ChildJvm.start(new ProcessBuilder(command).redirectErrorStream(true));
    try {
      String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = child.waitFor();
      if (status != 0) {
        throw new IOException(
            "it ended with status %d and said: %s".formatted(status, said.strip()));
      }
      return figures(said);
    } finally {
      child.destroyForcibly();
    }
  }

  /** The figures among what was printed. */
  public static List<Figure> figures(String said) throws IOException {
    List<Figure> figures = new ArrayList<>();
    for (String line : said.lines().toList()) {
      String[] words = line.split("\t", -1);
      if (words[0].equals(MARK)) {
        figures.add(figure(line, words));
      }
    }
    return figures;
  }

  private static Figure figure(String line, String[] words) throws IOException {
    try {
      return new Figure(
          words[1], Double.parseDouble(words[2]), Unit.valueOf(words[3].toUpperCase(Locale.ROOT)));
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      throw new IOException("'" + line + "' is not a figure: print it by Program.print", e);
    }
  }
}
