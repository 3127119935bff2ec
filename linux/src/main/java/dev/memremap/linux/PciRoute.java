// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.cache.CacheMode;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Refusal;
import dev.memremap.spi.HostMemory.Permission;
import dev.memremap.spi.MappedBytes;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A PCI BAR through {@code resourceN}, which is UC-, or {@code resourceN_wc}, which is WC.
 *
 * <p>Thread safety: immutable.
 */
record PciRoute(
    PciDevices pci,
    Posix posix,
    PciDevices.Bar bar,
    boolean writeCombining,
    Set<Permission> permissions)
    implements Route {

  @Override
  public String name() {
    return "/" + bar.file(writeCombining);
  }

  @Override
  public String device() {
    return bar.device();
  }

  @Override
  public PhysRange range() {
    return bar.range();
  }

  private CacheMode own() {
    return writeCombining ? CacheMode.WC : CacheMode.UC_MINUS;
  }

  /** WB takes what a window of a device gives; WT and WC want what they ask for. */
  @Override
  public @Nullable CacheMode mode(CacheMode asked, CacheMode effective) {
    boolean serves = own() == effective || (asked == CacheMode.WB && !writeCombining);
    return serves ? own() : null;
  }

  @Override
  public String gives() {
    return own().symbol();
  }

  @Override
  public Optional<Refusal> obstacle(PhysRange wanted) {
    if (!pci.sysfs().exists(PciDevices.DIRECTORY + bar.device())) {
      return Optional.of(Route.refusal(Errno.ENODEV, "the device was pulled"));
    }
    if (!pci.sysfs().exists(bar.file(writeCombining))) {
      return Optional.of(Route.refusal(Errno.ENOENT, "the system offers no such file"));
    }
    Optional<String> driver = pci.driverInTheWay(bar.device());
    if (driver.isPresent() && !permissions.contains(Permission.FORCE)) {
      return Optional.of(
          Route.refusal(
              Errno.EBUSY,
              "the kernel driver %s uses the device; unbind it, or permit it (Permission.FORCE, --force-driver)"
                  .formatted(driver.get())));
    }
    if (!pci.answers(bar.device()) && !permissions.contains(Permission.ENABLE)) {
      return Optional.of(
          Route.refusal(
              Errno.ENXIO,
              "the device does not answer to its memory (reads would give ones); enable it"));
    }
    return Optional.empty();
  }

  @Override
  public MappedBytes map(PhysRange wanted, CacheMode mode, Arena arena) throws ErrnoException {
    if (permissions.contains(Permission.ENABLE) && !pci.answers(bar.device())) {
      enable();
    }
    // the file begins with the page that holds the BAR's first byte
    long offset = wanted.start() - (bar.range().start() & -posix.pageBytes());
    try (Posix.Descriptor file =
        posix.open(pci.sysfs().path(bar.file(writeCombining)).toString(), 0)) {
      return new MappedBytes(
          new Span(offset, wanted.sizeBytes(), posix.pageBytes()).in(file, arena),
          mode,
          RealBacking.ofVolatile(
              name(),
              "a device's window is not persistent memory",
              "the device was pulled, or switched off"));
    }
  }

  private void enable() throws ErrnoException {
    try {
      pci.enable(bar.device());
    } catch (IOException e) {
      Errno errno =
          switch (e) {
            case NoSuchFileException pulled -> Errno.ENODEV;
            case AccessDeniedException denied -> Errno.EACCES;
            default -> Errno.EIO;
          };
      throw new ErrnoException(
          "write", "/" + PciDevices.DIRECTORY + bar.device() + "/enable", errno.number());
    }
  }

  @Override
  public String why(ErrnoException e) {
    boolean claimed =
        e.errno() == Errno.EINVAL
            && e.function().equals("mmap")
            && pci.driverInTheWay(bar.device()).isPresent();
    return claimed ? DevMemRoute.CLAIMED : Route.super.why(e);
  }
}
