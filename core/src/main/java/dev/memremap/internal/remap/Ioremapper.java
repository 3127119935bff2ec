// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.remap;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.memtype.Reservation;
import dev.memremap.internal.space.AddressSpace;
import dev.memremap.internal.space.MappedRegion;
import dev.memremap.internal.stack.StackRoom;
import dev.memremap.plan.IoremapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import dev.memremap.spi.MappedBytes;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Maps registers: {@code ioremap}. The range gets the mode UC-, or what an alias of it has.
 *
 * <p>Thread safety: a plan is computed and its memory type reserved in one step of the address
 * space; nothing else is shared.
 */
public final class Ioremapper {
  private final AddressSpace space;
  private final Supplier<RemapRules> rules;

  /**
   * Registers that were mapped.
   *
   * @param bytes the registers
   * @param region what is unmapped in the end
   */
  public record Ioremapped(MappedBytes bytes, MappedRegion region) {}

  /**
   * Maps in this address space.
   *
   * @param rules gives the rules over the tables as they stand
   */
  public Ioremapper(AddressSpace space, Supplier<RemapRules> rules) {
    this.space = space;
    this.rules = rules;
  }

  /** Maps a range; where a step fails, the earlier ones are undone. */
  public Ioremapped ioremap(PhysRange range) {
    StackRoom.touch();
    PhysRange pages = space.geometry().wholePages(range);
    Runnable giveBack = () -> space.memtypes().free(pages);
    IoremapPlan plan = planAndReserve(range);
    MappedRegion region;
    try {
      region = space.region();
    } catch (RuntimeException | Error e) {
      giveBack.run();
      throw e;
    }
    region.holds(giveBack);
    try {
      return new Ioremapped(region.map(range, plan.path()), region);
    } catch (MemremapException e) {
      region.abandon();
      throw new MemremapException(
          e.refusal().saying("ioremap %s: %s".formatted(range, e.sentence())), e);
    } catch (RuntimeException | Error e) {
      region.abandon();
      throw e;
    }
  }

  /** What {@link #ioremap} would do, and nothing is mapped. */
  public IoremapPlan plan(PhysRange range) {
    return plan(range, registersMode());
  }

  /**
   * What an {@code ioremap} of a mode would do.
   *
   * @throws IllegalArgumentException for a mode that caches or combines
   */
  public IoremapPlan plan(PhysRange range, CacheMode mode) {
    Objects.requireNonNull(range, "range");
    Objects.requireNonNull(mode, "mode");
    if (mode != CacheMode.UC_MINUS && mode != CacheMode.UC) {
      throw new IllegalArgumentException(
          "registers are mapped UC- or UC, and %s is neither".formatted(mode));
    }
    // what near a refused request the tables would grant as they stand when this is asked
    return new IoremapRules(
            rules.get(), refused -> new NearestRanges(rules.get()).of(refused, mode))
        .plan(range, mode);
  }

  private CacheMode registersMode() {
    return space.platform().architecture().registersMode();
  }

  private IoremapPlan planAndReserve(PhysRange range) {
    return space.atomically(
        () -> {
          IoremapPlan plan = plan(range);
          plan.orThrow();
          Reservation reserved =
              space.memtypes().reserveAlias(space.geometry().wholePages(range), registersMode());
          if (!reserved.isGranted()) {
            throw new AssertionError("a plan was granted that cannot be reserved: " + reserved);
          }
          return plan;
        });
  }
}
