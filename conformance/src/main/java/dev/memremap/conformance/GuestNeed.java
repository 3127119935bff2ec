// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import dev.memremap.scenario.Kernel;
import dev.memremap.spi.IoReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A thing that an x86-64 guest needs of this computer.
 *
 * @param name what it is, in one or two words
 * @param found what is there; empty if it is missing
 * @param missing what is missing; empty if it is there
 * @param remedy what to install or run; empty if it is there, or no command brings it
 * @param isFetched whether {@code memremap conformance} fetches it when it is asked for
 */
public record GuestNeed(
    String name, String found, String missing, String remedy, boolean isFetched) {

  /**
   * All of them, in the order in which a guest needs them. Nothing is fetched or built. Without a
   * kernel, the tools that build its module are left out.
   */
  public static List<GuestNeed> all() {
    List<GuestNeed> needs = new ArrayList<>();
    needs.add(look("QEMU", () -> GuestArchitecture.X86_64.qemu().toString()));
    needs.add(look("busybox", () -> GuestArchitecture.X86_64.busybox().toString()));
    String followed = Kernel.FOLLOWED.version();
    GuestNeed kernel = kernel(followed, "memremap conformance", GuestKernel::here);
    needs.add(kernel);
    if (kernel.isMet()) {
      needs.add(look("compiler", GuestNeed::compiler));
    }
    for (String series : GuestKernel.allSeries()) {
      if (!series.equals(followed)) {
        String fetches = "memremap conformance --kernel " + series;
        needs.add(kernel(series, fetches, () -> GuestKernel.newest(series)));
      }
    }
    return needs;
  }

  private static String compiler() {
    GuestKernel kernel = GuestKernel.find();
    new KernelModule(kernel).requireTools();
    return "make, and a compiler for the module that answers scenarios";
  }

  /** A kernel. One that is not here yet is fetched when it is asked for. */
  static GuestNeed kernel(String series, String fetches, Supplier<Optional<GuestKernel>> find) {
    String name = "Linux " + series;
    return guarded(
        name,
        () ->
            find.get()
                .map(kernel -> new GuestNeed(name, kernel.release(), "", "", false))
                .orElseGet(
                    () -> new GuestNeed(name, "", "not here yet", fetches + " fetches it", true)));
  }

  static GuestNeed look(String name, Supplier<String> find) {
    return guarded(name, () -> new GuestNeed(name, find.get(), "", "", false));
  }

  private static GuestNeed guarded(String name, Supplier<GuestNeed> find) {
    try {
      return find.get();
    } catch (GuestUnavailableException e) {
      return new GuestNeed(name, "", e.what(), e.remedy(), false);
    } catch (UncheckedIOException e) {
      IOException cause = Objects.requireNonNull(e.getCause());
      String says = "%s (%s)".formatted(cause.getMessage(), IoReason.of(cause));
      return new GuestNeed(name, "", "cannot be looked for: " + says, "", false);
    } catch (IllegalArgumentException e) {
      return new GuestNeed(name, "", "cannot be looked for: " + e.getMessage(), "", false);
    }
  }

  /** Whether it is there. */
  public boolean isMet() {
    return missing.isEmpty();
  }
}
