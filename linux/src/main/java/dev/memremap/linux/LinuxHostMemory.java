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
 * The memory of the Linux computer this JVM runs on; what {@code Machine.host()} finds.
 *
 * <p>Thread safety: stateless.
 */
public final class LinuxHostMemory implements HostMemory {

  /** Made by a {@link java.util.ServiceLoader}. */
  public LinuxHostMemory() {}

  /**
   * What is missing for writing persistent memory back, and how to get it; empty if nothing is.
   * Where this JVM denies native calls, or the system is another than Linux, the library counts as
   * missing.
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
