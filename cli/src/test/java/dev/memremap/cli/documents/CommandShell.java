// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.documents;

import dev.memremap.cli.CommandRun;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A program that carries out command lines of {@code memremap}, and Java programs, in the folder
 * where it was started: a JVM for a page, rather than one for each line.
 */
final class CommandShell {
  private CommandShell() {}

  /** Answers requests from standard input until it ends. */
  public static void main(String[] arguments) throws IOException {
    // a warning of the library is one line, as in the command
    System.setProperty("java.util.logging.SimpleFormatter.format", "memremap: %5$s%n");
    DataInputStream in = new DataInputStream(new FileInputStream(FileDescriptor.in));
    DataOutputStream out = new DataOutputStream(new FileOutputStream(FileDescriptor.out));
    System.setIn(new ByteArrayInputStream(new byte[0]));
    while (true) {
      String[] words;
      try {
        words = new String[in.readInt()];
      } catch (EOFException e) {
        return;
      }
      for (int i = 0; i < words.length; i++) {
        words[i] = in.readUTF();
      }
      CommandRun run = answer(words);
      out.writeInt(run.status());
      write(out, run.out());
      write(out, run.err());
      out.flush();
    }
  }

  private static void write(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static CommandRun answer(String[] words) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      String[] rest = Arrays.copyOfRange(words, 1, words.length);
      CommandRun run =
          words[0].equals("memremap") ? CommandRun.run(rest) : new CommandRun(java(rest), "", "");
      return new CommandRun(
          run.status(),
          printed.toString(StandardCharsets.UTF_8) + run.out(),
          said.toString(StandardCharsets.UTF_8) + run.err());
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  /** Runs a class of a folder, as the launcher does it: with {@code main}, static or not. */
  private static int java(String[] words) {
    String[] arguments = Arrays.copyOfRange(words, 2, words.length);
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {Path.of(words[0]).toUri().toURL()})) {
      Class<?> type = loader.loadClass(words[1]);
      for (Method method : type.getDeclaredMethods()) {
        if (method.getName().equals("main")) {
          method.setAccessible(true);
          Object on = null;
          if (!Modifier.isStatic(method.getModifiers())) {
            var constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            on = constructor.newInstance();
          }
          method.invoke(
              on, method.getParameterCount() == 0 ? new Object[0] : new Object[] {arguments});
          return 0;
        }
      }
      throw new IllegalArgumentException(words[1] + " has no main");
    } catch (InvocationTargetException e) {
      e.getCause().printStackTrace();
      return 1;
    } catch (ReflectiveOperationException | IOException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
