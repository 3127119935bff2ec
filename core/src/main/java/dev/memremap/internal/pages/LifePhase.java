// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

/** Where in its life a page map is. */
enum LifePhase {
  /** It is mapped. */
  MAPPED,
  /** It is being unmapped, and its reference not killed yet. */
  UNMAPPING,
  /** It was unmapped, and its reference killed; references are left. */
  DRAINING,
  /** No reference is left, but it could not end yet. */
  HELD,
  /** All of it is gone. */
  OVER
}
