// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import dev.memremap.scenario.Kernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
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

  private static final String OLDER = "5.10";
  private static final String FOLLOWED = "6.1";
  private static final String NEWER = "6.12";
  private static final String TODAYS = "7.3";

  /** What stands for the newest series that Debian's lists have. */
  public static final String NEWEST = "newest";

  /** The series that guests are made for; {@code fetch-kernel} finds others, too. */
  private static final List<String> ALL_SERIES = List.of(OLDER, FOLLOWED, NEWER, TODAYS);

  /** {@link #ALL_SERIES} in words: a constant, for the description of an option. */
  public static final String SERIES =
      OLDER + ", " + FOLLOWED + ", " + NEWER + ", " + TODAYS + " or " + NEWEST;

  /** What the name of a kernel's package begins with; its version follows. */
  private static final String PACKAGE = "linux-image-";

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
   * of the series that the contract follows that {@code fetch-kernel} left in the user's cache.
   *
   * @throws GuestUnavailableException if none is found
   */
  public static GuestKernel find() {
    return named().orElseGet(() -> newest(kernels(), Kernel.FOLLOWED.version()));
  }

  /** The series that guests are made for, each by itself. */
  static List<String> allSeries() {
    return ALL_SERIES;
  }

  /**
   * The kernel that {@link #find} finds; empty if it finds none.
   *
   * @throws GuestUnavailableException if one is named, and is not there
   */
  static Optional<GuestKernel> here() {
    return named().or(() -> newest(Kernel.FOLLOWED.version()));
  }

  /**
   * The one that {@link #find} finds. If it finds none, or one without its headers, it first
   * fetches Debian's newest kernel of that series.
   *
   * @param progress told what is being done, a line at a time
   * @throws GuestUnavailableException if it is missing and cannot be fetched
   * @throws InterruptedException if this thread was interrupted
   */
  public static GuestKernel fetched(Consumer<String> progress) throws InterruptedException {
    Optional<GuestKernel> named = named();
    return named.isPresent() ? named.get() : fetched(Kernel.FOLLOWED.version(), progress);
  }

  /**
   * The newest kernel of a series in the user's cache. If the cache has none, or one without its
   * headers, it first fetches Debian's newest. Ignores a kernel that a property or variable names.
   *
   * <p>The kernel can be of the series right before, if Debian's lists have none of this one now:
   * the progress says so, and {@link #series} says which.
   *
   * @param series one of {@link #SERIES}, or another that Debian has; {@link #NEWEST} asks Debian
   *     each time
   * @param progress told what is being done, a line at a time
   * @throws GuestUnavailableException if it is missing and cannot be fetched
   * @throws InterruptedException if this thread was interrupted
   */
  public static GuestKernel fetched(String series, Consumer<String> progress)
      throws InterruptedException {
    requireSeries(series);
    return fetched(kernels(), series, new KernelFetch(progress));
  }

  /**
   * Refuses what {@link #fetched(String, Consumer)} cannot be given.
   *
   * @throws IllegalArgumentException if this is neither a series nor {@link #NEWEST}
   */
  public static void requireSeries(String series) {
    if (!series.equals(NEWEST)) {
      new Kernel(series);
    }
  }

  static GuestKernel fetched(Path kernels, String series, KernelFetch fetch)
      throws InterruptedException {
    Optional<GuestKernel> there = newestOf(kernels, series).filter(GuestKernel::hasHeaders);
    return there.isPresent() ? there.get() : in(fetch.run(series));
  }

  private static Optional<GuestKernel> named() {
    @Nullable String named = System.getProperty(PROPERTY, System.getenv(VARIABLE));
    return Optional.ofNullable(named)
        .filter(name -> !name.isEmpty())
        .map(Path::of)
        .map(GuestKernel::in);
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
        "no kernel in "
            + directory
            + ": it needs boot/vmlinuz-RELEASE and lib/modules/RELEASE, as"
            + " conformance/fetch-kernel unpacks them");
  }

  /** The newest kernel of a series in the user's cache; empty if it has none. */
  static Optional<GuestKernel> newest(String series) {
    return newestOf(kernels(), series);
  }

  static GuestKernel newest(Path kernels, String series) {
    return newestOf(kernels, series)
        .orElseThrow(
            () ->
                new GuestUnavailableException(
                    "no kernel %s for the guest in %s".formatted(series, kernels),
                    "conformance/fetch-kernel " + series));
  }

  private static Optional<GuestKernel> newestOf(Path kernels, String series) {
    return children(kernels).stream()
        .filter(directory -> nameOf(directory).startsWith(PACKAGE + series + "."))
        .max(Comparator.comparing(GuestKernel::versionOf))
        .map(GuestKernel::in);
  }

  /** By its numbers: 6.1.0-9 comes before 6.1.0-56. */
  private static ModuleDescriptor.Version versionOf(Path directory) {
    return ModuleDescriptor.Version.parse(nameOf(directory).substring(PACKAGE.length()));
  }

  private static String nameOf(Path directory) {
    return directory.getFileName().toString();
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

  private boolean hasHeaders() {
    return Files.isReadable(headersDirectory().resolve(".kernelvariables"));
  }

  /** What it runs on, by the name that Debian gives its release. */
  GuestArchitecture architecture() {
    return release.contains("-arm64") ? GuestArchitecture.ARM64 : GuestArchitecture.X86_64;
  }

  /** What {@code uname -r} says in the guest. */
  public String release() {
    return release;
  }

  /** The series it belongs to: {@code 6.1}. */
  public String series() {
    return major() + "." + minor();
  }

  /** Whether its series is this one or a later one. */
  boolean isAtLeast(int major, int minor) {
    return major() > major || (major() == major && minor() >= minor);
  }

  private int major() {
    return version(0);
  }

  private int minor() {
    return version(1);
  }

  private int version(int part) {
    String[] numbers = release.split("[^0-9]", 3);
    if (numbers.length < 3 || numbers[part].isEmpty()) {
      throw new GuestUnavailableException(
          "no version in the release of the kernel " + image + ": it should begin as 6.1. does");
    }
    return Integer.parseInt(numbers[part]);
  }

  /**
   * Whether it was built with an option, by the {@code boot/config-RELEASE} of its package.
   *
   * @param option without {@code CONFIG_}
   */
  boolean isConfigured(String option) {
    Path configuration = image.resolveSibling("config-" + release);
    try (Stream<String> lines = Files.lines(configuration)) {
      return lines.anyMatch(line -> line.matches("CONFIG_" + option + "=[ym]"));
    } catch (IOException e) {
      throw new GuestUnavailableException(
          "it is not known how the guest's kernel was built: " + configuration + " is missing");
    }
  }

  @Override
  public String toString() {
    return image.toString();
  }

  private static Path kernels() {
    return cache().resolve("kernels");
  }

  static Path cache() {
    return userCache().resolve("memremap");
  }

  /** Where the user's programs keep what they can make again. */
  static Path userCache() {
    @Nullable String cache = System.getenv("XDG_CACHE_HOME");
    return cache != null && !cache.isEmpty()
        ? Path.of(cache)
        : Path.of(System.getProperty("user.home"), ".cache");
  }

  static List<Path> children(Path directory) {
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
