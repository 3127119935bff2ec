// SPDX-License-Identifier: Apache-2.0

/**
 * Reads machines from what a customer can send: memory maps as they were pasted, lists that
 * firmware and tools print, and the files that state facts beside a map.
 */
module dev.memremap.reading {
  requires transitive dev.memremap;
  // Its descriptor asks for commons-codec, which tar archives do without and the command does not
  // carry.
  requires static org.apache.commons.compress;
  requires static transitive org.jspecify;
  requires org.tukaani.xz;
  requires tools.jackson.databind;

  exports dev.memremap.reading;
}
