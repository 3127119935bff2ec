// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

/** What became of a page that was asked for. */
enum Claim {
  /** The caller brings it in. */
  CLAIMED,
  /** It is in memory. */
  THERE,
  /** Another thread is at it. */
  BUSY,
  /** It is poisoned. */
  POISONED,
  /** Memory is full: something has to leave first. */
  NO_ROOM
}
