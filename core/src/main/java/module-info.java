// SPDX-License-Identifier: Apache-2.0

/**
 * Linux's memremap subsystem for the JVM: remap memory that is not the heap, on a simulated machine
 * or a real one.
 */
module dev.memremap {
  requires jdk.jfr;
  requires static org.jspecify;

  exports dev.memremap;
  exports dev.memremap.cache;
  exports dev.memremap.devres;
  exports dev.memremap.machine;
  exports dev.memremap.nvdimm;
  exports dev.memremap.page;
  exports dev.memremap.plan;
  exports dev.memremap.ref;
  exports dev.memremap.resource;
  exports dev.memremap.rule;
  exports dev.memremap.spi;

  // JMX makes a watch where another process asks for one; the library itself needs no JMX
  opens dev.memremap.internal.watch;

  uses dev.memremap.spi.HostMemory;
  uses dev.memremap.spi.Membarrier;
}
