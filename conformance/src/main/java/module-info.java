// SPDX-License-Identifier: Apache-2.0

/** A real kernel in QEMU, to hold what the other modules say against. */
module dev.memremap.conformance {
  requires transitive dev.memremap.scenario;
  requires static transitive org.jspecify;

  exports dev.memremap.conformance;
  exports dev.memremap.conformance.generator;
}
