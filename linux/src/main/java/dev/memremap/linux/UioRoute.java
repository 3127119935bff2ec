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
 * A map of a UIO device. Its file has one page of offsets for each map, so a map is mapped from the
 * beginning of its first page and then cut: a user gets the bytes asked for, which lie in the map.
 *
 * <p>Thread safety: immutable.
 */
record UioRoute(Sysfs sysfs, Posix posix, UioDevices.UioMap map) implements Route {

  @Override
  public String name() {
    return "/" + map.file();
  }

  @Override
  public String device() {
    return map.device();
  }

  @Override
  public PhysRange range() {
    return map.range();
  }

  @Override
  public @Nullable CacheMode mode(CacheMode asked, CacheMode effective) {
    boolean serves = effective == CacheMode.UC_MINUS || asked == CacheMode.WB;
    return serves ? CacheMode.UC_MINUS : null;
  }

  @Override
  public String gives() {
    return CacheMode.UC_MINUS.symbol();
  }

  @Override
  public Optional<Refusal> obstacle(PhysRange wanted) {
    return sysfs.exists(UioDevices.DIRECTORY + map.device())
        ? Optional.empty()
        : Optional.of(Route.refusal(Errno.ENODEV, "the device was pulled"));
  }

  @Override
  public MappedBytes map(PhysRange wanted, CacheMode mode, Arena arena) throws ErrnoException {
    PhysRange whole = map.range().roundOutTo(posix.pageBytes());
    try (Posix.Descriptor file = posix.open(sysfs.path(map.file()).toString(), 0)) {
      return new MappedBytes(
          file.map(map.index() * posix.pageBytes(), whole.sizeBytes(), arena)
              .asSlice(wanted.start() - whole.start(), wanted.sizeBytes()),
          mode,
          RealBacking.ofVolatile(
              name(), "registers are not persistent memory", "the device was pulled"));
    }
  }
}
