// SPDX-License-Identifier: Apache-2.0

/** A real kernel in QEMU, to hold what the other modules say against. */
module dev.memremap.conformance {
  requires transitive dev.memremap.scenario;
  // Its descriptor asks for commons-codec and commons-lang3, which cpio archives do without and the
  // command does not carry.
  requires static org.apache.commons.compress;
  requires static org.jspecify;

  exports dev.memremap.conformance;
  exports dev.memremap.conformance.generator;
}
