// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

/** The states of pages, by their number: bits of {@code PageState}. */
interface PageStates {
  int page(int page);

  void page(int page, int state);
}
