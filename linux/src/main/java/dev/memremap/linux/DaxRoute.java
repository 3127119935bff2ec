// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.cache.CacheMode;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Refusal;
import dev.memremap.spi.MappedBytes;
import java.lang.foreign.Arena;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Device DAX: {@code /dev/daxX.Y}, mapped in blocks of its alignment.
 *
 * <p>Thread safety: immutable.
 *
 * @param libpmem null where it is not installed: nothing else persists what is stored there, since
 *     a device has no file system to ask
 */
record DaxRoute(DaxDevices devices, Posix posix, DaxDevices.Dax dax, @Nullable Flusher libpmem)
    implements Route {
  private static final String LOST = "the device was pulled, or its media failed";

  @Override
  public String name() {
    return "/" + dax.file();
  }

  @Override
  public String device() {
    return dax.name();
  }

  @Override
  public PhysRange range() {
    return dax.range();
  }

  @Override
  public @Nullable CacheMode mode(CacheMode asked, CacheMode effective) {
    return asked == CacheMode.WB || effective == CacheMode.WB ? CacheMode.WB : null;
  }

  @Override
  public String gives() {
    return CacheMode.WB.symbol();
  }

  @Override
  public Optional<Refusal> obstacle(PhysRange wanted) {
    if (!devices.sysfs().exists(DaxDevices.DIRECTORY + dax.name())) {
      return Optional.of(Route.refusal(Errno.ENODEV, "the device was pulled"));
    }
    return devices
        .driverInTheWay(dax.name())
        .map(
            driver ->
                Route.refusal(
                    Errno.EBUSY,
                    "the driver %s has made ordinary memory of it; 'daxctl reconfigure-device --mode=devdax %s' makes a device of it again"
                        .formatted(driver, dax.name())));
  }

  @Override
  public MappedBytes map(PhysRange wanted, CacheMode mode, Arena arena) throws ErrnoException {
    long offset = wanted.start() - dax.range().start();
    try (Posix.Descriptor file = posix.open(devices.sysfs().path(dax.file()).toString(), 0)) {
      return new MappedBytes(
          new Span(offset, wanted.sizeBytes(), dax.align()).in(file, arena), mode, backing());
    }
  }

  private RealBacking backing() {
    if (!dax.persistent()) {
      return RealBacking.ofVolatile(name(), "it is not persistent memory", LOST);
    }
    return libpmem == null
        ? RealBacking.ofVolatile(name(), Libpmem.MISSING, LOST)
        : RealBacking.ofPersistent(name(), libpmem, LOST);
  }
}
