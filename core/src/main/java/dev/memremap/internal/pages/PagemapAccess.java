// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.page.DevPagemap;
import dev.memremap.page.Page;
import dev.memremap.page.VmemAltmap;
import dev.memremap.resource.PhysRange;
import java.lang.invoke.MethodHandles;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Gives this package what users may not do with the types of {@code dev.memremap.page}. That
 * package implements it, and hands it over when {@link DevPagemap} is initialized.
 *
 * <p>Thread safety: {@code given} is written once, by the initializer of {@link DevPagemap}, and
 * read after that has run.
 */
public abstract class PagemapAccess {
  private static @Nullable PagemapAccess given;

  /** For the package that implements it. */
  protected PagemapAccess() {}

  /** Asked for once, so that it is a constant to the compiler. */
  private static final class Asked {
    static final PagemapAccess ACCESS = ask();

    private static PagemapAccess ask() {
      try {
        MethodHandles.privateLookupIn(DevPagemap.class, MethodHandles.lookup())
            .ensureInitialized(DevPagemap.class);
      } catch (IllegalAccessException e) {
        throw new AssertionError(e);
      }
      return Objects.requireNonNull(given);
    }
  }

  /** Hands it over to this package. */
  public static void give(PagemapAccess access) {
    given = access;
  }

  static PagemapAccess access() {
    return Asked.ACCESS;
  }

  /** The life that a map is in; null if it is not mapped. */
  public abstract @Nullable PagemapLife life(DevPagemap map);

  /** Where a map was mapped last; null if it never was. */
  public abstract PagemapLife.@Nullable Home home(DevPagemap map);

  /** Whether a map covers a page, in pages of the machine on which it was mapped last. */
  public abstract boolean covers(DevPagemap map, long pfn);

  /** Begins a life of a map. */
  public abstract void begin(DevPagemap map, PagemapLife life, PagemapLife.Home home);

  /** Ends a map's life. */
  public abstract void end(DevPagemap map);

  /** A map over another range, with an altmap of equal shares if it has one; not mapped. */
  public abstract DevPagemap at(DevPagemap map, PhysRange range, long pageBytes);

  /** The altmap that counts (W-7); null if none does. */
  public abstract @Nullable VmemAltmap validAltmap(DevPagemap map);

  /** Says what was taken of an altmap. */
  public abstract void use(VmemAltmap altmap, VmemAltmap.Used used);

  /** Has the structures of a live map hold pages of an altmap. */
  public abstract void hold(VmemAltmap altmap, VmemAltmap.Used used, long pages);

  /** Gives pages of an altmap back that the structures of a map have held. */
  public abstract void giveBack(VmemAltmap altmap, long pages);

  /** Whether a map traces its holders. */
  public abstract boolean isTracing(DevPagemap map);

  /** A view of a page; null if no range of the life has it. */
  public abstract @Nullable Page page(PagemapLife life, long pfn);
}
