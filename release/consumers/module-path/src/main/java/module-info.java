// SPDX-License-Identifier: Apache-2.0

/** A module that requires the library, and beside it real memory and remote memory. */
module user {
  requires dev.memremap;
  requires dev.memremap.linux;
  requires dev.memremap.pager;
}
