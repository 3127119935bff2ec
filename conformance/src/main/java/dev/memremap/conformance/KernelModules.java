// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The module files of an unpacked kernel. A package that is not installed lacks {@code
 * modules.dep}, so this reads from each module's own {@code .modinfo} what it depends on.
 *
 * <p>Thread safety: immutable.
 */
final class KernelModules {
  private static final Pattern MODULE = Pattern.compile("(.+)\\.ko(\\.\\w+)?");
  private static final Pattern DEPENDS = Pattern.compile("\0depends=([\\w,-]*)\0");

  private final GuestKernel kernel;
  private final Map<String, Path> files;
  private final Set<String> builtin;

  KernelModules(GuestKernel kernel) {
    this.kernel = kernel;
    Path directory = kernel.modulesDirectory();
    files = new HashMap<>();
    try (Stream<Path> tree = Files.walk(directory)) {
      tree.forEach(
          file -> {
            Matcher module = MODULE.matcher(file.getFileName().toString());
            if (module.matches()) {
              files.put(name(module.group(1)), file);
            }
          });
      Path list = directory.resolve("modules.builtin");
      builtin =
          !Files.exists(list)
              ? Set.of()
              : Files.readAllLines(list).stream()
                  .map(line -> line.substring(line.lastIndexOf('/') + 1).replace(".ko", ""))
                  .map(KernelModules::name)
                  .collect(Collectors.toUnmodifiableSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The files of these modules and of all they depend on, in an order in which they can be loaded.
   *
   * @throws IllegalArgumentException if the kernel has no such module, or has it compressed
   */
  List<Path> inLoadingOrder(Collection<String> names) {
    Set<Path> order = new LinkedHashSet<>();
    names.forEach(name -> add(name(name), order, new TreeSet<>()));
    return List.copyOf(order);
  }

  private void add(String name, Set<Path> order, Set<String> asking) {
    if (builtin.contains(name)) {
      return;
    }
    Path file = file(name);
    if (!order.contains(file)) {
      if (!asking.add(name)) {
        throw new IllegalArgumentException("Modules that depend on each other: " + asking);
      }
      dependencies(file).forEach(dependency -> add(name(dependency), order, asking));
      order.add(file);
    }
  }

  private Path file(String name) {
    Path file = files.get(name);
    if (file == null) {
      throw new IllegalArgumentException(
          "Kernel " + kernel.release() + " has no module named " + name);
    }
    if (!file.toString().endsWith(".ko")) {
      throw new IllegalArgumentException(
          "Module "
              + name
              + " is compressed, and busybox's insmod loads only plain .ko files: unpack "
              + file);
    }
    return file;
  }

  private static List<String> dependencies(Path file) {
    try {
      Matcher depends =
          DEPENDS.matcher(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
      if (!depends.find()) {
        throw new IllegalArgumentException("Not a kernel module: " + file);
      }
      return Stream.of(depends.group(1).split(",")).filter(name -> !name.isEmpty()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As the kernel names it; files may be named with dashes. */
  private static String name(String name) {
    return name.replace('-', '_');
  }
}
