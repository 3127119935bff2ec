// SPDX-License-Identifier: Apache-2.0

/** A module that requires a store in Valkey, and with it the pager. */
module user {
  requires dev.memremap.valkey;
}
