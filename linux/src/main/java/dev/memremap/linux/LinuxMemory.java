// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.cache.CacheMode;
import dev.memremap.memory.HardwareDevice;
import dev.memremap.memory.HostMemory.Permission;
import dev.memremap.memory.MappedBytes;
import dev.memremap.memory.MappingLimit;
import dev.memremap.memory.PhysicalMemory;
import dev.memremap.memory.Reach;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceKind;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.resource.ResourceTree;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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
 * <p>A file of the very device comes before {@code /dev/mem}; which of a BAR's two it is follows
 * from the mode that the machine's tables say. WB is content with less, as in the kernel; WT and WC
 * are not: a BAR that gives neither is refused, and its refusal names each file and why.
 *
 * <p>Thread safety: {@code routes} is an immutable snapshot, replaced when a range is asked for
 * that no device in it has, or when the devices are asked for; it is volatile, and two threads that
 * replace it at once find the same.
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
  private final ResourceTree resources;
  private final @Nullable String unreadable;
  private final Set<Permission> permissions;
  private final Supplier<? extends Optional<? extends Flusher>> libpmem;
  private volatile Routes routes;

  LinuxMemory(
      Sysfs sysfs,
      Posix posix,
      ResourceTree resources,
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

  /** A route and what it would give; null where it serves not. */
  private record Choice(Route route, @Nullable CacheMode mode, Reach.Step step) {}

  @Override
  public Reach reach(PhysRange range, CacheMode asked, CacheMode effective) {
    if (asked != CacheMode.UC_MINUS) {
      String registers = registersIn(range);
      if (registers != null) {
        return Reach.refused(
            asked, effective, List.of(), Rule.LIB_7, Errno.ENXIO, registers + "; use ioremap");
      }
    }
    List<Choice> choices = choices(range, asked, effective);
    List<Reach.Step> steps = choices.stream().map(Choice::step).toList();
    for (int i = 0; i < choices.size(); i++) {
      CacheMode mode = choices.get(i).mode;
      if (mode != null) {
        return choices.get(i).route instanceof DevMemRoute
            ? permitted(asked, effective, mode, steps)
            : Reach.through(asked, effective, mode, steps.subList(0, i + 1));
      }
    }
    Reach.Step first = steps.getFirst();
    Rule rule = rule(range, first);
    String sentence =
        "no file leads to it as %s: %s"
            .formatted(asked, String.join("; ", steps.stream().map(Reach.Step::toString).toList()));
    return Reach.refused(
        asked, effective, steps, rule, Objects.requireNonNull(first.errno()), sentence);
  }

  /** What the kernel gives by /dev/mem is known when it is asked to, and not before. */
  private static Reach permitted(
      CacheMode asked, CacheMode effective, CacheMode mode, List<Reach.Step> steps) {
    return new Reach(
        asked,
        effective,
        mode,
        steps,
        Rule.LIB_6,
        null,
        "through %s, if the kernel permits it".formatted(steps.getLast().route()));
  }

  private Rule rule(PhysRange range, Reach.Step step) {
    if (isSystemRam(range)) {
      return Rule.D_17;
    }
    return step.errno() == Errno.EBUSY ? Rule.LIB_9 : Rule.LIB_6;
  }

  /** W-1: what of a range is registers, in a phrase; null if none of it is. */
  private @Nullable String registersIn(PhysRange range) {
    HardwareDevice.Region region = routesTo(range).registersIn(range);
    if (region != null) {
      HardwareDevice device = Objects.requireNonNull(routes.deviceAt(region.range()));
      return "BAR %d of %s is not prefetchable: it holds registers, whose reading may do something"
          .formatted(region.index(), device.name());
    }
    for (Resource resource : resources.snapshot().pathTo(range.start())) {
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
    Route.Obstacle obstacle = route.obstacle(range).orElse(null);
    if (obstacle != null) {
      return new Choice(
          route, null, new Reach.Step(route.name(), obstacle.errno(), obstacle.reason()));
    }
    CacheMode mode = route.mode(asked, effective);
    if (mode == null) {
      return new Choice(
          route,
          null,
          new Reach.Step(
              route.name(),
              Errno.EOPNOTSUPP,
              "it gives %s, and %s was asked for".formatted(route.gives(), asked)));
    }
    return new Choice(route, mode, new Reach.Step(route.name(), null, mode.symbol()));
  }

  /**
   * LIB-9: what a kernel driver uses is no more free by this way than by the device's own, and what
   * is off or pulled answers no better; a range that only touches such a device is no exception.
   */
  private Choice throughDevMem(PhysRange range, CacheMode asked, CacheMode effective) {
    DevMemRoute route = devMem(range);
    if (unreadable != null) {
      return new Choice(
          route,
          null,
          new Reach.Step(
              route.name(), Errno.EACCES, "what lies there is not known: " + unreadable));
    }
    for (Route inside : routesTo(range).into(range)) {
      Route.Obstacle obstacle = inside.obstacle(range).orElse(null);
      if (obstacle != null && OF_THE_DEVICE.contains(obstacle.errno())) {
        return new Choice(
            route,
            null,
            new Reach.Step(
                route.name(),
                obstacle.errno(),
                "it leads to %s: %s".formatted(inside.device(), obstacle.reason())));
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
    return resources.snapshot().systemRamRunAt(range.start()).isPresent();
  }

  private boolean isPersistent(PhysRange range) {
    ResourceSnapshot snapshot = resources.snapshot();
    return snapshot.pathTo(range.start()).stream()
        .anyMatch(
            resource -> PERSISTENT.contains(resource.kind()) && resource.range().contains(range));
  }

  // ---- going it ----------------------------------------------------------------------------

  @Override
  public MemorySegment map(PhysRange range, CacheMode mode, Arena arena) {
    Reach reach = reach(range, mode, mode);
    if (!reach.isPossible()) {
      throw reach.refusal();
    }
    return map(range, reach, arena).segment();
  }

  @Override
  public MappedBytes map(PhysRange range, Reach reach, Arena arena) {
    List<Reach.Step> tried = new ArrayList<>();
    ErrnoException cause = null;
    for (Choice choice : choices(range, reach.asked(), reach.effective())) {
      CacheMode mode = choice.mode;
      if (mode == null) {
        tried.add(choice.step);
        continue;
      }
      try {
        return choice.route.map(range, mode, arena);
      } catch (ErrnoException e) {
        cause = cause == null ? e : cause;
        tried.add(new Reach.Step(choice.route.name(), e.errno(), choice.route.why(e)));
      }
    }
    Errno errno = cause == null ? Objects.requireNonNull(tried.getFirst().errno()) : cause.errno();
    throw new MemremapException(
        errno,
        rule(range, tried.getFirst()),
        "%s cannot be mapped as %s: %s"
            .formatted(
                range,
                reach.asked(),
                String.join("; ", tried.stream().map(Reach.Step::toString).toList())),
        List.of(),
        cause);
  }

  /** D-17: of System RAM only the pages asked for, for each costs the kernel a page table entry. */
  @Override
  public PhysRange directMapUnit(PhysRange wanted, PhysRange run) {
    return wanted.roundOutTo(Posix.PAGE);
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
