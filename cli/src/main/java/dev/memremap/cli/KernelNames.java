// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.conformance.GuestKernel;
import java.util.Iterator;
import java.util.List;

/** Kernels that a shell offers for an option. */
final class KernelNames {
  private static final List<String> JUDGES = List.of(GuestKernel.SERIES.split(", | or "));

  private KernelNames() {}

  /** Those that can judge. */
  static final class Judges implements Iterable<String> {
    Judges() {}

    @Override
    public Iterator<String> iterator() {
      return JUDGES.iterator();
    }
  }

  /** Of these, those that a machine can follow: the newest that Debian has is not known here. */
  static final class Followed implements Iterable<String> {
    Followed() {}

    @Override
    public Iterator<String> iterator() {
      return JUDGES.stream().filter(name -> !name.equals(GuestKernel.NEWEST)).iterator();
    }
  }
}
