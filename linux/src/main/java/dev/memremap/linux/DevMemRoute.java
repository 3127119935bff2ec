// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.cache.CacheMode;
import dev.memremap.machine.Architecture;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Refusal;
import dev.memremap.spi.MappedBytes;
import java.lang.foreign.Arena;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code /dev/mem}: any address, as far as the kernel permits. On x86 it has the mode that the
 * kernel tracks for it: opened with {@code O_SYNC} it asks for UC-, else for WB; nothing asks it
 * for WT or WC. Elsewhere it is cached for RAM alone.
 *
 * <p>Thread safety: immutable.
 *
 * @param range the one range that was asked for
 * @param flusher how persistent memory there is written back; null if it is not persistent, or
 *     nothing here can write it back
 */
record DevMemRoute(
    Sysfs sysfs,
    Posix posix,
    TrackedModes tracked,
    PhysRange range,
    boolean systemRam,
    boolean persistent,
    @Nullable Flusher flusher)
    implements Route {
  private static final String FILE = "dev/mem";
  private static final @Nullable Architecture ARCHITECTURE =
      Architecture.of(System.getProperty("os.arch", "unknown")).orElse(null);
  private static final boolean TRACKS_MODES = ARCHITECTURE == Architecture.X86_64;

  /** Why a kernel with IO_STRICT_DEVMEM refuses memory that one of its drivers uses. */
  static final String CLAIMED =
      "the kernel keeps what a driver claimed to itself (IO_STRICT_DEVMEM; booting with"
          + " iomem=relaxed lifts that)";

  private static final String LOST = "what the address leads to was pulled";

  @Override
  public String name() {
    return "/" + FILE;
  }

  @Override
  public @Nullable String device() {
    return null;
  }

  @Override
  public @Nullable CacheMode mode(CacheMode asked, CacheMode effective) {
    return switch (asked) {
      case WB, UC_MINUS -> TRACKS_MODES ? effective : untracked(ARCHITECTURE, systemRam, asked);
      default -> null;
    };
  }

  /**
   * Kernels other than x86's give what is not RAM uncached where the file is opened with {@code
   * O_SYNC}, and RAM cached without it. With it, {@code phys_mem_access_prot} decides how RAM is
   * mapped: write-combining on Arm and C-SKY, cached on PowerPC. An architecture without that
   * function maps it uncached.
   */
  static CacheMode untracked(
      @Nullable Architecture architecture, boolean systemRam, CacheMode asked) {
    if (!systemRam) {
      return CacheMode.UC;
    }
    if (asked == CacheMode.WB) {
      return CacheMode.WB;
    }
    if (architecture == null) {
      return CacheMode.UC;
    }
    return switch (architecture) {
      case ARM64, ARM, CSKY -> CacheMode.WC;
      case PPC64, PPC -> CacheMode.WB;
      default -> CacheMode.UC;
    };
  }

  /** Whether the file is opened with {@code O_SYNC} for this mode. */
  static boolean isSync(boolean tracksModes, CacheMode mode) {
    return mode == CacheMode.UC_MINUS
        || mode == CacheMode.UC
        // where modes are tracked, WC is what a table makes of WB
        || (mode == CacheMode.WC && !tracksModes);
  }

  @Override
  public String gives() {
    return "what the kernel makes of WB or UC-";
  }

  @Override
  public Optional<Refusal> obstacle(PhysRange wanted) {
    return sysfs.exists(FILE)
        ? Optional.empty()
        : Optional.of(
            Route.refusal(
                Errno.ENOENT,
                "it is not there: the kernel was built without DEVMEM, or this is a container"));
  }

  @Override
  public MappedBytes map(PhysRange wanted, CacheMode mode, Arena arena) throws ErrnoException {
    try (Posix.Descriptor file =
        posix.open(sysfs.path(FILE).toString(), isSync(TRACKS_MODES, mode) ? Posix.O_SYNC : 0)) {
      var bytes = new Span(wanted.start(), wanted.sizeBytes(), posix.pageBytes()).in(file, arena);
      return new MappedBytes(bytes, tracked.of(wanted).orElse(mode), backing());
    }
  }

  private RealBacking backing() {
    if (!persistent) {
      return RealBacking.ofVolatile(name(), "nothing persistent is listed there", LOST);
    }
    return flusher == null
        ? RealBacking.ofVolatile(name(), Libpmem.MISSING, LOST)
        : RealBacking.ofPersistent(name(), flusher, LOST);
  }

  @Override
  public String why(ErrnoException e) {
    if (e.errno() == Errno.EPERM || e.errno() == Errno.EACCES) {
      if (e.function().equals("open")) {
        return "opening it needs root (CAP_SYS_RAWIO), and a kernel that is not locked down";
      }
      return systemRam ? "the kernel keeps its System RAM to itself (STRICT_DEVMEM)" : CLAIMED;
    }
    return Route.super.why(e);
  }
}
