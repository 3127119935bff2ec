// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import dev.memremap.internal.pages.PagemapAccess;
import dev.memremap.internal.pages.PagemapLife;
import dev.memremap.resource.PhysRange;
import org.jspecify.annotations.Nullable;

/** Gives the machine's page maps access to the types of this package. */
final class PagePrivileges extends PagemapAccess {
  @Override
  public @Nullable PagemapLife life(DevPagemap map) {
    return map.life();
  }

  @Override
  public PagemapLife.@Nullable Home home(DevPagemap map) {
    return map.home();
  }

  @Override
  public boolean covers(DevPagemap map, long pfn) {
    return map.coversWhereMapped(pfn);
  }

  @Override
  public void begin(DevPagemap map, PagemapLife life, PagemapLife.Home home) {
    map.begin(life, home);
  }

  @Override
  public void end(DevPagemap map) {
    map.end();
  }

  @Override
  public DevPagemap at(DevPagemap map, PhysRange range, long pageBytes) {
    return map.at(range, pageBytes);
  }

  @Override
  public @Nullable VmemAltmap validAltmap(DevPagemap map) {
    return map.validAltmap();
  }

  @Override
  public void use(VmemAltmap altmap, VmemAltmap.Used used) {
    altmap.use(used);
  }

  @Override
  public void hold(VmemAltmap altmap, VmemAltmap.Used used, long pages) {
    altmap.hold(used, pages);
  }

  @Override
  public void giveBack(VmemAltmap altmap, long pages) {
    altmap.giveBack(pages);
  }

  @Override
  public boolean isTracing(DevPagemap map) {
    return map.isTracing();
  }

  @Override
  public @Nullable Page page(PagemapLife life, long pfn) {
    return Page.of(life, pfn);
  }
}
