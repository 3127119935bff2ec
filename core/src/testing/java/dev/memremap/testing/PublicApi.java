// SPDX-License-Identifier: Apache-2.0
package dev.memremap.testing;

import static java.util.function.Predicate.not;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Executable;
import java.lang.reflect.Member;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What a user of the library can name: the public types of exported packages, with their public and
 * protected members.
 *
 * @param root where the compiled classes of the library lie
 * @param exported the packages that its descriptor exports to everyone
 */
public record PublicApi(Path root, TreeSet<String> exported) {

  /** The API of the module whose classes lie where this class does. */
  public static PublicApi of(Class<?> one) {
    try {
      URI place = one.getProtectionDomain().getCodeSource().getLocation().toURI();
      Path root = Path.of(place);
      try (InputStream in = Files.newInputStream(root.resolve("module-info.class"))) {
        TreeSet<String> exported = new TreeSet<>();
        for (ModuleDescriptor.Exports exports : ModuleDescriptor.read(in).exports()) {
          if (!exports.isQualified()) {
            exported.add(exports.source());
          }
        }
        return new PublicApi(root, exported);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (java.net.URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The public types, nested ones included, by name. */
  public List<Class<?>> types() {
    List<Class<?>> types = new ArrayList<>();
    for (String name : exported) {
      try (Stream<Path> files = Files.list(root.resolve(name.replace('.', '/')))) {
        files
            .map(file -> file.getFileName().toString())
            .filter(file -> file.endsWith(".class") && !file.equals("package-info.class"))
            .sorted()
            .map(file -> load(name + "." + file.substring(0, file.length() - ".class".length())))
            .filter(PublicApi::isVisible)
            .forEach(types::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return types;
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, PublicApi.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isVisible(Class<?> type) {
    for (Class<?> each = type; each != null; each = each.getEnclosingClass()) {
      if (!Modifier.isPublic(each.getModifiers()) && !Modifier.isProtected(each.getModifiers())) {
        return false;
      }
    }
    return !type.isAnonymousClass() && !type.isLocalClass();
  }

  /** The types and their members, a line each. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (Class<?> type : types()) {
      lines.add(type.toGenericString());
      members(type).forEach(member -> lines.add("  " + member));
    }
    return lines;
  }

  /**
   * How a file that has these lines differs from them; {@code -Dapi.update=true} writes it anew
   * first.
   */
  public List<String> differencesFrom(Path written) throws IOException {
    List<String> lines = lines();
    if (Boolean.getBoolean("api.update")) {
      Files.createDirectories(written.getParent());
      Files.write(written, lines);
    }
    return changes(Files.readAllLines(written), lines);
  }

  /** The lines that were taken out and those that came in. */
  public static List<String> changes(List<String> written, List<String> compiled) {
    Stream<String> gone = written.stream().filter(not(compiled::contains)).map("- "::concat);
    Stream<String> fresh = compiled.stream().filter(not(written::contains)).map("+ "::concat);
    return Stream.concat(gone, fresh).toList();
  }

  /** The lines that name what is not exported. */
  public List<String> internal() {
    return lines().stream().filter(line -> line.contains(".internal.")).toList();
  }

  private static TreeSet<String> members(Class<?> type) {
    TreeSet<String> members = new TreeSet<>();
    // what a superclass declares that users cannot name is as good as declared here
    Class<?> above = type.getSuperclass();
    if (above != null && above.getName().startsWith("dev.memremap") && !isVisible(above)) {
      members.addAll(members(above));
    }
    Stream<AccessibleObject> all =
        Stream.of(
                Stream.of(type.getDeclaredConstructors()),
                Stream.of(type.getDeclaredMethods()),
                Stream.of(type.getDeclaredFields()))
            .flatMap(each -> each);
    all.forEach(
        object -> {
          Member member = (Member) object;
          boolean visible =
              Modifier.isPublic(member.getModifiers())
                  || Modifier.isProtected(member.getModifiers());
          if (visible && !member.isSynthetic()) {
            members.add(
                object instanceof Executable executable
                    ? executable.toGenericString()
                    : object.toString());
          }
        });
    return members;
  }
}
