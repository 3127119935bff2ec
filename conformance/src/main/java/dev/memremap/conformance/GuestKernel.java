// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A kernel package, unpacked and not installed: {@code boot/vmlinuz-RELEASE} and {@code
 * lib/modules/RELEASE}. The script {@code conformance/fetch-kernel} makes one.
 *
 * <p>Thread safety: immutable.
 */
public final class GuestKernel {
  /** System property that names an unpacked kernel's directory. */
  public static final String PROPERTY = "dev.memremap.guest.kernel";

  /** Environment variable that names an unpacked kernel's directory. */
  public static final String VARIABLE = "MEMREMAP_GUEST_KERNEL";

  private final Path image;
  private final Path modulesDirectory;
  private final String release;

  private GuestKernel(Path image, Path modulesDirectory, String release) {
    this.image = image;
    this.modulesDirectory = modulesDirectory;
    this.release = release;
  }

  /**
   * The kernel that the system property names, else the environment variable, else the newest one
   * that {@code fetch-kernel} left in the user's cache.
   *
   * @throws GuestUnavailableException if there is none
   */
  public static GuestKernel find() {
    String named = System.getProperty(PROPERTY, System.getenv(VARIABLE));
    return named != null && !named.isEmpty()
        ? in(Path.of(named))
        : newest(cache().resolve("kernels"));
  }

  /**
   * The kernel in a directory.
   *
   * @throws GuestUnavailableException if the directory holds none
   */
  public static GuestKernel in(Path directory) {
    for (Path modules : children(directory.resolve("lib/modules"))) {
      String release = modules.getFileName().toString();
      // the uncompressed one boots seconds faster under emulation
      for (String name : List.of("vmlinux-", "vmlinuz-")) {
        Path image = directory.resolve("boot").resolve(name + release);
        if (Files.isReadable(image)) {
          return new GuestKernel(image.toAbsolutePath(), modules.toAbsolutePath(), release);
        }
      }
    }
    throw new GuestUnavailableException(
        "No kernel in "
            + directory
            + ": it needs boot/vmlinuz-RELEASE and lib/modules/RELEASE, as"
            + " conformance/fetch-kernel unpacks them");
  }

  static GuestKernel newest(Path kernels) {
    return children(kernels).stream()
        .filter(directory -> !directory.getFileName().toString().startsWith("."))
        .max(
            Comparator.comparing(
                directory -> directory.getFileName().toString(), new VersionOrder()))
        .map(GuestKernel::in)
        .orElseThrow(
            () ->
                new GuestUnavailableException(
                    "No kernel for the guest in " + kernels + ": run conformance/fetch-kernel"));
  }

  /** The file QEMU boots. */
  public Path image() {
    return image;
  }

  /** The directory {@code lib/modules/RELEASE}. */
  public Path modulesDirectory() {
    return modulesDirectory;
  }

  /** Where Debian's headers for it lie, if they were unpacked beside it. */
  Path headersDirectory() {
    Path root = modulesDirectory.resolve("../../..").normalize();
    return root.resolve("usr/src/linux-headers-" + release);
  }

  /** What {@code uname -r} says in the guest. */
  public String release() {
    return release;
  }

  @Override
  public String toString() {
    return image.toString();
  }

  static Path cache() {
    @Nullable String cache = System.getenv("XDG_CACHE_HOME");
    Path base =
        cache != null && !cache.isEmpty()
            ? Path.of(cache)
            : Path.of(System.getProperty("user.home"), ".cache");
    return base.resolve("memremap");
  }

  private static List<Path> children(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(directory)) {
      return children.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
