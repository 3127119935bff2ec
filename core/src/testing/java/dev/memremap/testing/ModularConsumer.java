// SPDX-License-Identifier: Apache-2.0
package dev.memremap.testing;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/**
 * A module of a user's, which is compiled with the JDK and some of our modules alone: nothing else
 * is on its module path.
 *
 * @param folder an empty folder for its sources and classes
 */
public record ModularConsumer(Path folder) {

  /**
   * Compiles a module of one class.
   *
   * @param module its {@code module-info.java}
   * @param source its class {@code user.User}
   * @param ours a class of each of our modules that it is compiled with
   * @return what the compiler says; empty if all is well
   */
  public String compile(String module, String source, Class<?>... ours)
      throws IOException, URISyntaxException {
    Path sources = Files.createDirectories(folder.resolve("src/user"));
    Files.writeString(folder.resolve("src/module-info.java"), module);
    Files.writeString(sources.resolve("User.java"), source);
    List<Path> modules = new ArrayList<>();
    for (Class<?> one : ours) {
      modules.add(Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI()));
    }
    String modulePath =
        modules.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    List<String> options = List.of("-Werror", "--module-path", modulePath, "-d", folder.toString());
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    try (var files = compiler.getStandardFileManager(null, null, null)) {
      var units =
          files.getJavaFileObjects(
              folder.resolve("src/module-info.java"), sources.resolve("User.java"));
      boolean compiled = compiler.getTask(said, files, null, options, null, units).call();
      return compiled ? said.toString() : said + "it does not compile";
    }
  }
}
