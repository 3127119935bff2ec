// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.event;

/**
 * What is told at {@linkplain Tracepoints tracepoints}, by the thread that did it and at once. It
 * takes no lock that is held while something else is called, and throws nothing.
 */
public interface Probe {
  /** Memremap answered: with a cache mode, or with the name of an error. */
  void remapped(long start, long size, String outcome);

  /** A mapping that memremap made was unmapped. */
  void unmapped(long start, long size, String mode);

  /** A page map was registered, killed, drained or released. */
  void pagemap(String step, String map, long references);

  /** The last reference to a device page was dropped. */
  void pageFreed(long pfn, String map);

  /** Broken memory was reported. */
  void memoryFailure(long pfn, String outcome);
}
