// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuestKernelTest {
  @TempDir Path directory;

  @Test
  @DisplayName("The newest kernel is taken, by numbers and not by letters; unfinished ones are not")
  void newest() throws Exception {
    kernel("linux-image-6.1.0-9_1", "6.1.0-9-amd64");
    kernel("linux-image-6.1.0-56_1", "6.1.0-56-amd64");
    kernel(".partial.z", "7.0.0-1-amd64");

    assertThat(GuestKernel.newest(directory).release()).isEqualTo("6.1.0-56-amd64");
  }

  @Test
  @DisplayName("Where no kernel is, the sentence says what to run")
  void none() {
    assertThatThrownBy(() -> GuestKernel.newest(directory.resolve("kernels")))
        .isInstanceOf(GuestUnavailableException.class)
        .hasMessage(
            "No kernel for the guest in "
                + directory.resolve("kernels")
                + ": run conformance/fetch-kernel");
    assertThatThrownBy(() -> GuestKernel.in(directory))
        .isInstanceOf(GuestUnavailableException.class)
        .hasMessageStartingWith("No kernel in " + directory + ": it needs boot/vmlinuz-RELEASE");
  }

  @Test
  @DisplayName("An uncompressed kernel beside the compressed one is preferred")
  void uncompressed() throws Exception {
    Path kernel = kernel("k", "6.1.0-9-amd64");
    assertThat(GuestKernel.in(kernel).image()).hasFileName("vmlinuz-6.1.0-9-amd64");
    Files.createFile(kernel.resolve("boot/vmlinux-6.1.0-9-amd64"));
    assertThat(GuestKernel.in(kernel).image()).hasFileName("vmlinux-6.1.0-9-amd64");
  }

  @Test
  @DisplayName("A module's dependencies come before it, each once; builtin ones need no file")
  void modulesInOrder() throws Exception {
    Path kernel = kernel("k", "6.1.0-9-amd64");
    Path modules = kernel.resolve("lib/modules/6.1.0-9-amd64");
    Files.writeString(modules.resolve("modules.builtin"), "kernel/crypto/built-in.ko\n");
    module(modules, "fs/top.ko", "left-side,right,built_in");
    module(modules, "fs/left-side.ko", "bottom");
    module(modules, "net/right.ko", "bottom");
    module(modules, "lib/bottom.ko", "");
    module(modules, "lib/unasked.ko", "");
    module(modules, "lib/small.ko.xz", "");
    KernelModules all = new KernelModules(GuestKernel.in(kernel));

    assertThat(all.inLoadingOrder(List.of("top", "right")))
        .extracting(path -> path.getFileName().toString())
        .containsExactly("bottom.ko", "left-side.ko", "right.ko", "top.ko");
    assertThat(all.inLoadingOrder(List.of("built-in"))).isEmpty();
    assertThatThrownBy(() -> all.inLoadingOrder(List.of("absent")))
        .hasMessage("Kernel 6.1.0-9-amd64 has no module named absent");
    assertThatThrownBy(() -> all.inLoadingOrder(List.of("small")))
        .hasMessageStartingWith("Module small is compressed");
  }

  private Path kernel(String name, String release) throws IOException {
    Path kernel = directory.resolve(name);
    Files.createDirectories(kernel.resolve("lib/modules").resolve(release));
    Files.createDirectories(kernel.resolve("boot"));
    Files.createFile(kernel.resolve("boot/vmlinuz-" + release));
    return kernel;
  }

  private static void module(Path modules, String path, String depends) throws IOException {
    Path file = modules.resolve("kernel").resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "ELF\0license=GPL\0depends=" + depends + "\0name=x\0");
  }
}
