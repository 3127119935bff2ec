// SPDX-License-Identifier: Apache-2.0

/** Memory larger than this computer, whose pages live in a store. */
module dev.memremap.pager {
  requires transitive dev.memremap;
  requires HdrHistogram;
  requires static org.jspecify;

  exports dev.memremap.pager;
  exports dev.memremap.pager.store;

  uses dev.memremap.pager.store.StoreScheme;

  provides dev.memremap.pager.store.StoreScheme with
      dev.memremap.pager.store.FileScheme;
}
