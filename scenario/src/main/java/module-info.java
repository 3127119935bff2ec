// SPDX-License-Identifier: Apache-2.0

/** The scenario language: parse, run, check against recorded answers. */
module dev.memremap.scenario {
  requires transitive dev.memremap;
  requires static org.jspecify;

  exports dev.memremap.scenario;
}
