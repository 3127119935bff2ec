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

  /** The number of the page that was asked for. */
  public long pfn() {
    return pfn;
  }

  /**
   * The page map.
   *
   * @throws IllegalStateException if the hold is closed (D-5)
   */
  public DevPagemap map() {
    return requireLife().map();
  }

  /**
   * A view of the page that was asked for. It takes no reference: use it while the hold is open.
   *
   * @throws IllegalStateException if the hold is closed (D-5)
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
   * Gives the hold back. The last one of a map that was killed lets it drain, and its memory is
   * unmapped before this returns, unless references to it are left. Any thread may close it; a
   * second close does nothing (D-5).
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
        // another thread has closed it meanwhile, and that has unmapped the page's structure
        return;
      }
      throw unmapped;
    }
    if (LIFE.compareAndSet(this, held, null)) {
      giveBack(held, soleHeld);
    }
  }

  /** The page that would be free if this were closed now; null if none would. */
  abstract @Nullable Page soleHeld(PagemapLife held);

  /**
   * Ends the hold.
   *
   * @param soleHeld made before the hold was marked as closed, since making it needs room in the
   *     heap
   */
  abstract void giveBack(PagemapLife held, @Nullable Page soleHeld);

  /** {@code hold of page 0x40000 of GENERIC page map …}. */
  @Override
  public String toString() {
    PagemapLife held = life;
    return held == null
        ? "closed hold of page 0x%x".formatted(pfn)
        : "hold of page 0x%x of %s".formatted(pfn, held);
  }
}
