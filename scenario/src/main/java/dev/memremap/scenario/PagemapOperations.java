// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.Device;
import dev.memremap.Machine;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.FailureOutcome;
import dev.memremap.page.Page;
import dev.memremap.page.PagemapOps;
import dev.memremap.page.VmemAltmap;
import dev.memremap.plan.PagemapPlan;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The page maps of a scenario by name, the references that its lookups took, and its pages. */
final class PagemapOperations {
  private static final int PFN_BITS = 52;
  private static final int MOST_SHIFT = 63;

  private final Machine machine;
  private final RefOperations refs;
  private final DeviceOperations devices;
  private final Lookups lookups;
  private final Kernel kernel;
  private final Map<String, DevPagemap> maps = new LinkedHashMap<>();
  private final List<Page> taken = new ArrayList<>();

  PagemapOperations(
      Machine machine, RefOperations refs, DeviceOperations devices, Lookups lookups) {
    this.machine = machine;
    this.refs = refs;
    this.devices = devices;
    this.lookups = lookups;
    this.kernel = Kernel.of(machine);
  }

  private DevPagemap map(String name) {
    return Objects.requireNonNull(maps.get(name), name);
  }

  // ---- pgmap -------------------------------------------------------------------------------

  Answer pgmap(Arguments.Pgmap made) {
    maps.put(made.name(), fill(made));
    return Answer.of(Answer.OK);
  }

  private DevPagemap fill(Arguments.Pgmap made) {
    DevPagemap.Builder builder =
        DevPagemap.over()
            .name(made.name())
            .ops(ops(made))
            .vmemmapShift(
                (int) (made.vmemmapShift() >>> 6 == 0 ? made.vmemmapShift() : MOST_SHIFT));
    made.ranges().forEach(range -> builder.range(range.start(), range.sizeBytes()));
    made.type().ifPresent(builder::type);
    made.ref().ifPresent(name -> builder.ref(refs.ref(name)));
    made.altmap()
        .ifPresent(
            share -> builder.altmap(share.reservePages(), share.freePages(), machine.pageSize()));
    made.owner().ifPresent(builder::owner);
    return builder.build();
  }

  /** A scenario's callbacks are there, and do nothing. */
  private static PagemapOps ops(Arguments.Pgmap made) {
    PagemapOps ops = PagemapOps.none();
    for (Arguments.Callback callback : made.callbacks()) {
      ops =
          switch (callback) {
            case PAGE_FREE -> ops.withPageFree(page -> {});
            case MIGRATE_TO_RAM ->
                ops.withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS);
            case MEMORY_FAILURE ->
                ops.withMemoryFailure((map, pfn, count, flags) -> Optional.of(Errno.EOPNOTSUPP));
          };
    }
    return ops;
  }

  // ---- remap and unmap ---------------------------------------------------------------------

  Answer remapPages(Arguments.OnMap remap) {
    DevPagemap map = map(remap.name());
    Optional<String> device = remap.device();
    PagemapPlan plan;
    try {
      plan = machine.explainPages(map);
    } catch (IllegalStateException misuse) {
      return RefOperations.misuse(misuse);
    } catch (MemremapException e) {
      // Nothing can be planned for an architecture without rules (C-19).
      return Answer.unsupported(e.sentence());
    }
    try {
      if (device.isPresent()) {
        devices.device(device.get()).memremapPages(map);
      } else {
        machine.memremapPages(map);
      }
    } catch (IllegalStateException misuse) {
      return RefOperations.misuse(misuse);
    } catch (MemremapException e) {
      if (plan.isGranted()) {
        // no answer of the contract's: this system has no room for the mapping
        throw e;
      }
      return new Answer("error " + e.errno(), plan.departure(), plan.parts(), why(plan));
    }
    return new Answer("ok direct=yes", Optional.empty(), false, plan.lines());
  }

  /** The refusal and its rule, in the words that recorded explanations have. */
  private static List<String> why(PagemapPlan plan) {
    Refusal refusal = plan.refusal().orElseThrow();
    return List.of(
        "%s: %s, %s".formatted(refusal.errno(), refusal.rule().id(), refusal.sentence()),
        "rule: " + refusal.rule().sentence());
  }

  Answer unmapPages(Arguments.OnMap unmap) {
    DevPagemap map = map(unmap.name());
    Optional<Device> through = unmap.device().map(devices::device);
    if (mayBeUnmapped(map, through) && Lookups.isBusy(map)) {
      return lookups.busy(List.of(map));
    }
    try {
      if (through.isPresent()) {
        through.get().memunmapPages(map);
      } else {
        machine.memunmapPages(map);
      }
    } catch (IllegalStateException misuse) {
      return RefOperations.misuse(misuse);
    }
    return Answer.of(
        Answer.OK, map.state() != DevPagemap.State.UNMAPPED ? map + " drains" : map + " is gone");
  }

  private static boolean mayBeUnmapped(DevPagemap map, Optional<Device> through) {
    return map.state() == DevPagemap.State.LIVE
        && through.map(device -> device.manages(map)).orElseGet(() -> map.manager().isEmpty());
  }

  // ---- lookup and put ----------------------------------------------------------------------

  Answer lookup(Arguments.Lookup asked) {
    DevPagemap hint = null;
    if (asked.hint().isPresent()) {
      hint = lookups.of(asked.hint().get());
      if (hint == null) {
        return Answer.notLive(asked.hint().get());
      }
    }
    if (lookups.has(asked.name())) {
      return Answer.refused(asked.name() + " holds a reference; put it first");
    }
    Optional<Rule> departure = departure(asked.pfn(), hint);
    boolean covered = hint != null && hint.covers(asked.pfn(), machine.pageSize());
    DevPagemap found;
    try {
      found = machine.getDevPagemap(asked.pfn(), hint);
    } catch (IllegalStateException misuse) {
      return RefOperations.misuse(misuse);
    }
    asked.hint().ifPresent(lookups::lost);
    if (found != null) {
      lookups.took(asked.name(), found);
    }
    String why =
        covered
            ? "the hint covers the page, and keeps its reference"
            : hint == null ? "looked up" : "the hint does not cover the page, and was put";
    return new Answer(
        found == null ? "none" : "pgmap=" + name(found), departure, false, List.of(why));
  }

  /** Where the machine's kernel would answer otherwise. */
  private Optional<Rule> departure(long pfn, @Nullable DevPagemap hint) {
    long seen = pfn & ((1L << PFN_BITS) - 1);
    if (seen != pfn) {
      DevPagemap there = machine.pagemapAt(seen);
      boolean found = there != null && there.state() == DevPagemap.State.LIVE;
      return found || (hint != null && hint.coversInFirstRange(seen, machine.pageSize()))
          ? Optional.of(Rule.D_12)
          : Optional.empty();
    }
    if (hint == null
        || !hint.covers(pfn, machine.pageSize())
        || hint.state() == DevPagemap.State.LIVE) {
      return Optional.empty();
    }
    if (!kernel.takesHints()) {
      return Optional.of(Rule.D_19);
    }
    return hint.coversInFirstRange(pfn, machine.pageSize())
        ? Optional.empty()
        : Optional.of(Rule.D_3);
  }

  Answer put(Arguments.Name put) {
    String name = put.name();
    DevPagemap held = lookups.of(name);
    if (held == null) {
      return Answer.notLive(name);
    }
    try {
      held.put();
    } catch (IllegalStateException misuse) {
      return RefOperations.misuse(misuse);
    }
    lookups.lost(name);
    return Answer.of(Answer.OK);
  }

  private String name(DevPagemap map) {
    return maps.entrySet().stream()
        .filter(entry -> entry.getValue().equals(map))
        .findFirst()
        .map(Map.Entry::getKey)
        .orElseThrow();
  }

  // ---- pages -------------------------------------------------------------------------------

  Answer page(Arguments.Pfn looked) {
    long pfn = looked.pfn();
    Page page = machine.page(pfn);
    if (page != null) {
      DevPagemap map = page.pgmap();
      return Answer.of(
          "zone=device pgmap=%s ref=%d"
              .formatted(map == null ? "none" : name(map), page.refCount()));
    }
    return switch (machine.zone(pfn)) {
      case NORMAL -> Answer.of("zone=normal");
      case NONE, DEVICE -> Answer.of("none");
    };
  }

  Answer pageGet(Arguments.Pfn get) {
    return onPage(get.pfn(), this::take);
  }

  Answer pagePut(Arguments.Pfn put) {
    return onPage(put.pfn(), this::drop);
  }

  private Answer onPage(long pfn, Consumer<Page> change) {
    Page page = machine.page(pfn);
    if (page == null) {
      return Answer.refused("no page map has page 0x%x".formatted(pfn));
    }
    try {
      change.accept(page);
    } catch (IllegalStateException misuse) {
      return RefOperations.misuse(misuse);
    } catch (IllegalArgumentException misuse) {
      return Answer.refused(String.valueOf(misuse.getMessage()));
    }
    return Answer.of(Answer.OK);
  }

  private void take(Page page) {
    page.get();
    taken.add(page.head());
  }

  /** The last put of a page that was never taken frees it, and leaves nothing to put at the end. */
  private void drop(Page page) {
    // the last put of a hand-out ends it, and then a tail has no head
    Page head = page.head();
    page.put();
    taken.remove(head);
  }

  Answer pageInit(Arguments.HandOut handOut) {
    int order = Math.clamp(handOut.order(), -1, Integer.MAX_VALUE);
    return onPage(
        handOut.pfn(),
        page -> {
          page.zoneDeviceInit(order);
          taken.add(page);
        });
  }

  Answer memoryFailure(Arguments.Pfn broken) {
    FailureOutcome outcome = machine.memoryFailure(broken.pfn(), 1, 0);
    return Answer.of(
        outcome.error().map(error -> "error " + error).orElse(Answer.OK), outcome.sentence());
  }

  Answer altmap(Arguments.Name asked) {
    return map(asked.name())
        .altmap()
        .map(PagemapOperations::describe)
        .orElseGet(() -> Answer.of("none"));
  }

  private static Answer describe(VmemAltmap altmap) {
    return Answer.of(
        "base=0x%x reserve=%s free=%s align=%s alloc=%s"
            .formatted(
                altmap.basePfn(),
                Long.toUnsignedString(altmap.reserve()),
                Long.toUnsignedString(altmap.free()),
                Long.toUnsignedString(altmap.align()),
                Long.toUnsignedString(altmap.alloc())));
  }

  /** Puts what the scenario still holds. It may end anywhere, so these are not leaks. */
  void putAll() {
    lookups.putAll();
    taken.forEach(page -> RefOperations.undo(page::put));
    taken.clear();
  }

  /** Unmaps what no device manages; references that are left are put after that. */
  void unmapAll() {
    for (DevPagemap map : maps.values()) {
      boolean mapped =
          map.state() == DevPagemap.State.LIVE || map.state() == DevPagemap.State.KILLED;
      if (mapped && map.manager().isEmpty()) {
        RefOperations.undo(() -> machine.memunmapPages(map));
      }
    }
  }
}
