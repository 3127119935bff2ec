// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

/** The zone a page belongs to: {@code page_zone}. */
public enum PageZone {
  /** No page structure exists for it. */
  NONE,
  /** A subsection of 2 MiB that holds System RAM. */
  NORMAL,
  /** A page map's: {@code ZONE_DEVICE}. */
  DEVICE
}
