// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.internal.pages.PagemapLife;
import dev.memremap.internal.stack.StackRoom;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.Page;
import dev.memremap.rule.Rule;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A hold of a page map, which is closed once.
 *
 * <p>It has two fields and no more, so that it is an object of 24 bytes where references are
 * compressed: {@code life} is null once it is closed.
 *
 * <p>Thread safety: {@code pfn} is final. {@code life} is volatile; {@code close} sets it to null
 * by compare-and-set, and the thread that did so gives the hold back. What {@code close} looks at
 * before that may be unmapped by a close in another thread; then {@code life} is null already, for
 * its compare-and-set came before it gave the hold back. The fence ends the writes of {@link
 * #holds} before its caller hands the hold out, so a thread that got it through a data race closes
 * it, too.
 */
abstract sealed class PagemapHold implements AutoCloseable permits Lookup, PageHold {
  private static final VarHandle LIFE;

  static {
    try {
      LIFE = MethodHandles.lookup().findVarHandle(PagemapHold.class, "life", PagemapLife.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final long pfn;
  private volatile @Nullable PagemapLife life;

  /** A hold of nothing yet. */
  PagemapHold(long pfn) {
    this.pfn = pfn;
  }

  /**
   * Stores the life this hold keeps. Needs no heap and less stack than taking the hold did, so the
   * hold cannot be lost in between.
   */
  final void holds(PagemapLife held) {
    life = held;
    VarHandle.storeStoreFence();
  }

  /** Returns the page frame number that was asked for. */
  public long pfn() {
    return pfn;
  }

  /**
   * Returns the page map.
   *
   * @throws IllegalStateException if the hold is closed ({@link Rule#D_5 D-5})
   */
  public DevPagemap map() {
    return requireLife().map();
  }

  /**
   * Returns a view of the page that was asked for. It has no reference of its own: use it while the
   * hold is open.
   *
   * @throws IllegalStateException if the hold is closed ({@link Rule#D_5 D-5})
   */
  public Page page() {
    return requireLife().page(pfn);
  }

  private PagemapLife requireLife() {
    PagemapLife held = life;
    if (held == null) {
      throw new IllegalStateException(
          "the hold of page 0x%x is closed; look the page up again [%s]"
              .formatted(pfn, Rule.D_5.id()));
    }
    return held;
  }

  /**
   * Ends the hold. If it was the last reference to a map that was killed, the map drains, and its
   * memory is unmapped before this returns. A second close does nothing ({@link Rule#D_5 D-5}).
   */
  @Override
  public void close() {
    PagemapLife held = life;
    if (held == null) {
      return;
    }
    // once the hold is marked as closed, nothing may keep it from being given back
    if (held.takesMoreStack()) {
      StackRoom.touch();
    } else {
      StackRoom.touchSome();
    }
    Page soleHeld;
    try {
      soleHeld = soleHeld(held);
    } catch (IllegalStateException unmapped) {
      if (life == null) {
        // another thread has closed it meanwhile, and so unmapped the page's structure
        return;
      }
      throw unmapped;
    }
    if (LIFE.compareAndSet(this, held, null)) {
      giveBack(held, soleHeld);
    }
  }

  /** The page that closing this would free; null if it would free none. */
  abstract @Nullable Page soleHeld(PagemapLife held);

  /**
   * Ends the hold.
   *
   * @param soleHeld made before the hold was marked as closed, since making it needs room in the
   *     heap
   */
  abstract void giveBack(PagemapLife held, @Nullable Page soleHeld);

  /** Returns text such as {@code hold of page 0x40000 of GENERIC page map …}. */
  @Override
  public String toString() {
    PagemapLife held = life;
    return held == null
        ? "closed hold of page 0x%x".formatted(pfn)
        : "hold of page 0x%x of %s".formatted(pfn, held);
  }
}
