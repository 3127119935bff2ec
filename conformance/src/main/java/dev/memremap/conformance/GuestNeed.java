// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import dev.memremap.scenario.Kernel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A thing that an x86-64 guest needs of this computer.
 *
 * @param name what it is, in one or two words
 * @param found what is there; empty if it is missing
 * @param missing what is missing, and what to install or run; empty if it is there
 */
public record GuestNeed(String name, String found, String missing) {
  private static final List<String> OTHER_SERIES = List.of("5.10", "6.12");

  /** All of them, in the order in which a guest needs them. Nothing is fetched or built. */
  public static List<GuestNeed> all() {
    List<GuestNeed> needs = new ArrayList<>();
    needs.add(look("QEMU", () -> GuestArchitecture.X86_64.qemu().toString()));
    needs.add(look("busybox", () -> GuestArchitecture.X86_64.busybox().toString()));
    needs.add(look("Linux " + Kernel.FOLLOWED.version(), () -> GuestKernel.find().release()));
    needs.add(look("compiler", GuestNeed::compiler));
    for (String series : OTHER_SERIES) {
      String found =
          GuestKernel.newest(series)
              .map(GuestKernel::release)
              .orElse("not here yet; --kernel %s fetches it".formatted(series));
      needs.add(new GuestNeed("Linux " + series, found, ""));
    }
    return needs;
  }

  private static String compiler() {
    GuestKernel kernel = GuestKernel.find();
    new KernelModule(kernel).requireTools();
    return "make, and a compiler for the module that answers scenarios";
  }

  static GuestNeed look(String name, Supplier<String> find) {
    try {
      return new GuestNeed(name, find.get(), "");
    } catch (GuestUnavailableException e) {
      return new GuestNeed(name, "", String.valueOf(e.getMessage()));
    }
  }

  /** Whether it is there. */
  public boolean isMet() {
    return missing.isEmpty();
  }
}
