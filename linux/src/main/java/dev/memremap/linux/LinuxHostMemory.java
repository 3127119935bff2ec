// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.spi.HostMemory;
import dev.memremap.spi.PhysicalMemory;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Provides the memory of the Linux computer this JVM runs on to {@code Machine.host()}.
 *
 * <p>Thread safety: stateless.
 */
public final class LinuxHostMemory implements HostMemory {

  /** For {@link java.util.ServiceLoader}. */
  public LinuxHostMemory() {}

  /**
   * Returns what is missing to write persistent memory back, and how to install it; empty if
   * nothing is. The library also counts as missing if this JVM denies native calls, or the system
   * is not Linux.
   */
  public static Optional<String> missingForPersistence() {
    return Libpmem.installed().isPresent() ? Optional.empty() : Optional.of(Libpmem.MISSING);
  }

  @Override
  public void requireAvailable() {
    Native.requireLinux();
  }

  @Override
  public PhysicalMemory open(
      Supplier<ResourceSnapshot> resources,
      @Nullable String unreadable,
      Set<Permission> permissions) {
    return new LinuxMemory(
        new Sysfs(Path.of("/")),
        new Posix(Native.calls()),
        resources,
        unreadable,
        permissions,
        Libpmem::installed);
  }
}
