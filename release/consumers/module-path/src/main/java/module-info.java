// SPDX-License-Identifier: Apache-2.0

/** A module that requires the library, and real memory beside it. */
module user {
  requires dev.memremap;
  requires dev.memremap.linux;
}
