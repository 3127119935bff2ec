// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a guest with an arm64 processor runs, as the script {@code conformance/fetch-arm64} leaves
 * it in the user's cache.
 *
 * <p>Thread safety: immutable.
 *
 * @param directory where it lies
 */
public record Arm64Files(Path directory) {

  /**
   * The files in the user's cache.
   *
   * @throws GuestUnavailableException if the cache has none
   */
  public static Arm64Files find() {
    Path directory = GuestKernel.cache().resolve("arm64");
    if (!Files.isDirectory(directory)) {
      throw new GuestUnavailableException(
          "no files for an arm64 guest in %s: run conformance/fetch-arm64".formatted(directory));
    }
    return new Arm64Files(directory);
  }

  /**
   * A kernel with such pages.
   *
   * @param pages {@code 4k} or {@code 16k}
   */
  public GuestKernel kernel(String pages) {
    return GuestKernel.in(directory.resolve("kernel-" + pages));
  }

  /** A root directory with a JRE, whose {@code host} is there to mount the host's files on. */
  public Path root() {
    return directory.resolve("root");
  }

  Path busybox() {
    return HostTools.staticOnly(directory.resolve("busybox/usr/bin/busybox"));
  }
}
