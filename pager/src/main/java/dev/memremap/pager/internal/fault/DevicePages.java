// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.page.PagemapOps;
import dev.memremap.page.PagemapOps.MigrateToRam.Outcome;
import dev.memremap.resource.Resource;
import java.util.Objects;
import java.util.Optional;

/**
 * The store as a device that has memory of its own, as a driver in a kernel would have it: a
 * machine with a PRIVATE page map over a free region, one page for each page of the memory.
 *
 * <p>A page of the device that has a reference holds what the application has stored there. A fault
 * is {@link Page#migrateToRam}: its callback brings the contents into memory, and the device's page
 * is put, and free. An eviction moves them the other way, and hands the device's page out again. A
 * page that no worker has had yet is handed out at its first fault.
 *
 * <p>Pages that leave together are handed out as one folio of up to 2 MiB, and move as one if they
 * are asked for together. A folio of which a part is asked for is split into single pages first.
 *
 * <p>Thread safety: {@link #migrate} and {@link #handBack} may be called from any thread, for
 * different pages: the page table lets one thread at a page. Threads at different pages of one
 * folio can meet: {@code splitting} guards what a split reads and changes. A thread that has all
 * pages of a folio needs no lock for it. The first page of a folio has no count while another
 * thread splits it, and looks free; so whether a page is free is asked again under the lock.
 */
final class DevicePages implements AutoCloseable {
  /** The region has whole sections, and the machine addresses far more than a memory can have. */
  private static final String MACHINE =
      """
      # phys-bits=52
      # kernel=7.3
      00001000-0009fbff : System RAM
      00100000-3fffffff : System RAM
      """;

  /** The largest hand-out: 2 MiB of small pages, as the kernel's own huge page. */
  static final int MAX_ORDER = 9;

  private static final Optional<Outcome> MIGRATED = Optional.of(Outcome.MIGRATED);

  /** Brings the contents of pages that lie beside each other into memory. */
  interface Move {
    /**
     * Moves them.
     *
     * @return whether they are in memory; if not, the device has them still
     */
    boolean move(int page, int count);
  }

  // what the callback of a thread's migrateToRam moves by; a thread is at one device
  private static final ThreadLocal<Move> MOVES = new ThreadLocal<>();

  private final Machine machine;
  private final DevPagemap map;
  private final long firstPfn;
  private final Object splitting = new Object();

  /**
   * @param pages how many
   */
  DevicePages(int pages, int pageBytes) {
    machine = Machine.simulated(MachineDescription.parse(MACHINE));
    try {
      Resource region =
          machine.requestFreeMemRegion(
              machine.resources().root(), (long) pages * pageBytes, "remote memory");
      firstPfn = region.range().start() >>> Integer.numberOfTrailingZeros(pageBytes);
      map =
          DevPagemap.over(region.range())
              .type(MemoryType.PRIVATE)
              .owner(this)
              .name("remote memory")
              .ops(PagemapOps.none().withPageFree(page -> {}).withMigrateToRam(this::moved))
              .build();
      machine.memremapPages(map);
    } catch (RuntimeException | Error e) {
      machine.close();
      throw e;
    }
  }

  private Outcome moved(Page page) {
    Move move = Objects.requireNonNull(MOVES.get());
    int number = (int) (page.pfn() - firstPfn);
    return move.move(number, 1 << page.order()) ? Outcome.MIGRATED : Outcome.SIGBUS;
  }

  /** Sets by what this thread's faults move pages. */
  void moveBy(Move move) {
    MOVES.set(move);
  }

  /**
   * Moves pages into memory that lie beside each other: calls this thread's {@link Move} for parts
   * of them, in order, until it answers no.
   *
   * @return how many were moved
   */
  int migrate(int first, int count) {
    int done = 0;
    while (done < count) {
      int number = first + done;
      Page page = page(number);
      boolean fresh = isFree(page) && handOut(page, number, count - done);
      int order = page.order();
      if (page.isTail() || 1 << order > count - done) {
        split(page);
        order = 0;
      }
      boolean moved = page.migrateToRam().equals(MIGRATED);
      if (moved || fresh) {
        page.put();
      }
      if (moved) {
        done += 1 << order;
      } else if (!fresh && order > 0) {
        split(page); // some of its pages may have been moved
      } else {
        break;
      }
    }
    return done;
  }

  private Page page(int number) {
    return Objects.requireNonNull(machine.page(firstPfn + number));
  }

  private static boolean isFree(Page page) {
    return !page.isTail() && page.refCount() == 0;
  }

  /**
   * Hands out a page that looks free, and free ones behind it.
   *
   * @return false if it is not free
   */
  private boolean handOut(Page page, int number, int most) {
    synchronized (splitting) {
      boolean free = isFree(page);
      if (free) {
        page.zoneDeviceInit(freeOrder(number, most));
      }
      return free;
    }
  }

  /** Makes single pages of the folio that a page is in, unless another thread has done that. */
  private void split(Page page) {
    synchronized (splitting) {
      Page head = page.head();
      if (head.order() > 0) {
        head.folioSplit(0);
      }
    }
  }

  /** Log2 of how many pages, from this one on, can be one folio. */
  private static int order(int number, int most) {
    int order = Math.min(MAX_ORDER, 31 - Integer.numberOfLeadingZeros(most));
    return Math.min(order, number == 0 ? MAX_ORDER : Integer.numberOfTrailingZeros(number));
  }

  /** Log2 of how many pages, from this one on, are free and can be one folio. */
  private int freeOrder(int number, int most) {
    int order = order(number, most);
    for (int free = 1; free < 1 << order; free++) {
      if (page(number + free).refCount() != 0) {
        return 31 - Integer.numberOfLeadingZeros(free);
      }
    }
    return order;
  }

  /** Takes pages back that have left memory, and lie beside each other. */
  void handBack(int first, int count) {
    int number = first;
    while (number < first + count) {
      int order = order(number, first + count - number);
      page(number).zoneDeviceInit(order);
      number += 1 << order;
    }
  }

  @Override
  public void close() {
    machine.close();
  }
}
