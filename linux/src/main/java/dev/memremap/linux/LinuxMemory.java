// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.cache.CacheMode;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceKind;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import dev.memremap.spi.AccessPath;
import dev.memremap.spi.HardwareDevice;
import dev.memremap.spi.HostMemory.Permission;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.MappingLimit;
import dev.memremap.spi.PhysicalMemory;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A Linux computer's memory, each range reached by the best file that leads to it.
 *
 * <p>A device's own file comes before {@code /dev/mem}; the mode that the machine's tables say
 * chooses between the two files of a BAR. A request for WB accepts a weaker mode, as in the kernel.
 * WT and WC do not: if no file gives that mode, the refusal names each file and what is in its way.
 *
 * <p>Thread safety: {@code routes} is an immutable snapshot, replaced when a range is asked for
 * that no device in it has, or when the devices are asked for; it is volatile, and racing threads
 * compute equal snapshots.
 */
final class LinuxMemory implements PhysicalMemory {
  private static final Set<ResourceKind> REGISTERS =
      EnumSet.of(ResourceKind.INTERRUPT_CONTROLLER, ResourceKind.TIMER, ResourceKind.PCI_ECAM);
  private static final Set<Errno> OF_THE_DEVICE =
      EnumSet.of(Errno.EBUSY, Errno.ENXIO, Errno.ENODEV);
  private static final Set<ResourceKind> PERSISTENT =
      EnumSet.of(
          ResourceKind.PERSISTENT_MEMORY,
          ResourceKind.PERSISTENT_MEMORY_LEGACY,
          ResourceKind.PMEM_NAMESPACE);

  private final Sysfs sysfs;
  private final Posix posix;
  private final Supplier<ResourceSnapshot> resources;
  private final @Nullable String unreadable;
  private final Set<Permission> permissions;
  private final Supplier<? extends Optional<? extends Flusher>> libpmem;
  private volatile Routes routes;

  LinuxMemory(
      Sysfs sysfs,
      Posix posix,
      Supplier<ResourceSnapshot> resources,
      @Nullable String unreadable,
      Set<Permission> permissions,
      Supplier<? extends Optional<? extends Flusher>> libpmem) {
    this.sysfs = sysfs;
    this.posix = posix;
    this.resources = resources;
    this.unreadable = unreadable;
    this.permissions = Set.copyOf(permissions);
    this.libpmem = libpmem;
    this.routes = look();
  }

  private Routes look() {
    return Routes.find(sysfs, posix, permissions, () -> libpmem.get().orElse(null));
  }

  // ---- which way ---------------------------------------------------------------------------

  /**
   * A route that was judged.
   *
   * @param mode what it would give; null if something is in its way
   * @param obstacle what is in its way; null if nothing is
   */
  private record Choice(Route route, @Nullable CacheMode mode, @Nullable Refusal obstacle) {
    static Choice blocked(Route route, Errno errno, String sentence) {
      return new Choice(route, null, Route.refusal(errno, sentence));
    }
  }

  /** What is in the way of one route. */
  private record Blocked(Route route, Refusal refusal) {
    /** {@code /dev/mem: EPERM, the kernel keeps its System RAM to itself}. */
    @Override
    public String toString() {
      return "%s: %s, %s".formatted(route.name(), refusal.errno(), refusal.sentence());
    }

    static String join(List<Blocked> all) {
      return String.join("; ", all.stream().map(Blocked::toString).toList());
    }
  }

  @Override
  public AccessPath accessPath(PhysRange range, CacheMode asked, CacheMode effective) {
    if (asked != CacheMode.UC_MINUS && asked != CacheMode.UC) {
      String registers = registersIn(range);
      if (registers != null) {
        return new AccessPath.Blocked(
            new Refusal(Errno.ENXIO, Rule.LIB_7, registers + "; use ioremap"));
      }
    }
    List<Blocked> blocked = new ArrayList<>();
    for (Choice choice : choices(range, asked, effective)) {
      if (choice.mode != null) {
        // only a mapping tells what the kernel gives by /dev/mem
        String name = choice.route.name();
        return AccessPath.through(
            asked,
            effective,
            choice.mode,
            choice.route instanceof DevMemRoute ? name + ", if the kernel permits it" : name);
      }
      blocked.add(new Blocked(choice.route, Objects.requireNonNull(choice.obstacle)));
    }
    String sentence = "no file leads to it as %s: %s".formatted(asked, Blocked.join(blocked));
    return new AccessPath.Blocked(refusal(range, blocked.getFirst().refusal, sentence));
  }

  /** D-17: the first obstacle decides, or that it is System RAM. */
  private Refusal refusal(PhysRange range, Refusal first, String sentence) {
    return new Refusal(first.errno(), isSystemRam(range) ? Rule.D_17 : first.rule(), sentence);
  }

  /** W-1: what of a range is registers, in a phrase; null if none of it is. */
  private @Nullable String registersIn(PhysRange range) {
    HardwareDevice.Region region = routesTo(range).registersIn(range);
    if (region != null) {
      HardwareDevice device = Objects.requireNonNull(routes.deviceAt(region.range()));
      return "BAR %d of %s is not prefetchable: it holds registers, whose reading may do something"
          .formatted(region.index(), device.name());
    }
    for (Resource resource : resources.get().pathTo(range.start())) {
      if (REGISTERS.contains(resource.kind())) {
        return "%s is %s".formatted(resource, resource.kind().meaning());
      }
    }
    return null;
  }

  private Routes routesTo(PhysRange range) {
    Routes known = routes;
    if (known.deviceAt(range) == null) {
      known = look();
      routes = known;
    }
    return known;
  }

  /** Every route to a range, /dev/mem last. */
  private List<Choice> choices(PhysRange range, CacheMode asked, CacheMode effective) {
    List<Choice> all = new ArrayList<>();
    for (Route route : routesTo(range).to(range)) {
      all.add(judge(route, range, asked, effective));
    }
    all.add(throughDevMem(range, asked, effective));
    return all;
  }

  private Choice judge(Route route, PhysRange range, CacheMode asked, CacheMode effective) {
    Refusal obstacle = route.obstacle(range).orElse(null);
    if (obstacle != null) {
      return new Choice(route, null, obstacle);
    }
    CacheMode mode = route.mode(asked, effective);
    return mode == null
        ? Choice.blocked(
            route,
            Errno.EOPNOTSUPP,
            "it gives %s, and %s was asked for".formatted(route.gives(), asked))
        : new Choice(route, mode, null);
  }

  /**
   * LIB-9: refused, too, if a kernel driver uses the device that a range lies in or touches, or if
   * that device is off or was pulled.
   */
  private Choice throughDevMem(PhysRange range, CacheMode asked, CacheMode effective) {
    DevMemRoute route = devMem(range);
    if (unreadable != null) {
      return Choice.blocked(route, Errno.EACCES, "what lies there is not known: " + unreadable);
    }
    for (Route inside : routesTo(range).into(range)) {
      Refusal obstacle = inside.obstacle(range).orElse(null);
      if (obstacle != null && OF_THE_DEVICE.contains(obstacle.errno())) {
        return Choice.blocked(
            route,
            obstacle.errno(),
            "it leads to %s: %s".formatted(inside.device(), obstacle.sentence()));
      }
    }
    return judge(route, range, asked, effective);
  }

  private DevMemRoute devMem(PhysRange range) {
    boolean persistent = isPersistent(range);
    return new DevMemRoute(
        sysfs,
        posix,
        new TrackedModes(sysfs),
        range,
        isSystemRam(range),
        persistent,
        persistent ? libpmem.get().orElse(null) : null);
  }

  private boolean isSystemRam(PhysRange range) {
    return resources.get().systemRamRunAt(range.start()).isPresent();
  }

  private boolean isPersistent(PhysRange range) {
    ResourceSnapshot snapshot = resources.get();
    return snapshot.pathTo(range.start()).stream()
        .anyMatch(
            resource -> PERSISTENT.contains(resource.kind()) && resource.range().contains(range));
  }

  // ---- going it ----------------------------------------------------------------------------

  @Override
  public MappedBytes map(PhysRange range, AccessPath.Open path, Arena arena) {
    List<Blocked> tried = new ArrayList<>();
    ErrnoException cause = null;
    for (Choice choice : choices(range, path.asked(), path.effective())) {
      CacheMode mode = choice.mode;
      if (mode == null) {
        tried.add(new Blocked(choice.route, Objects.requireNonNull(choice.obstacle)));
        continue;
      }
      try {
        return choice.route.map(range, mode, arena);
      } catch (ErrnoException e) {
        cause = cause == null ? e : cause;
        tried.add(new Blocked(choice.route, Route.refusal(e.errno(), choice.route.why(e))));
      }
    }
    String sentence =
        "%s cannot be mapped as %s: %s".formatted(range, path.asked(), Blocked.join(tried));
    Refusal first = refusal(range, tried.getFirst().refusal, sentence);
    throw cause == null
        ? new MemremapException(first)
        : new MemremapException(new Refusal(cause.errno(), first.rule(), sentence), cause);
  }

  /** D-17: of System RAM only the pages asked for, for each costs the kernel a page table entry. */
  @Override
  public PhysRange directMapUnit(PhysRange wanted, PhysRange run) {
    return wanted.roundOutTo(posix.pageBytes());
  }

  @Override
  public boolean isReal() {
    return true;
  }

  // ---- what there is -----------------------------------------------------------------------

  @Override
  public List<HardwareDevice> devices() {
    Routes found = look();
    routes = found;
    return found.devices();
  }

  @Override
  public boolean isPresent(HardwareDevice device) {
    String directory =
        switch (device.kind()) {
          case PCI -> PciDevices.DIRECTORY;
          case DAX -> DaxDevices.DIRECTORY;
          case PMEM -> PmemNamespaces.DIRECTORY;
          case UIO -> UioDevices.DIRECTORY;
        };
    return sysfs.exists(directory + device.name());
  }

  @Override
  public OptionalLong mappingLimit() {
    return MappingLimit.ofThisSystem().mappings();
  }

  @Override
  public String mappingLimitSource() {
    return MappingLimit.ofThisSystem().source();
  }

  /** Nothing is held between two requests. */
  @Override
  public void close() {}
}
