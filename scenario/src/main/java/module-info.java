// SPDX-License-Identifier: Apache-2.0

/**
 * The scenario language: operations on a machine, one a line, run by any executor and compared with
 * recorded answers.
 */
module dev.memremap.scenario {
  requires transitive dev.memremap;
  requires static org.jspecify;

  exports dev.memremap.scenario;
}
