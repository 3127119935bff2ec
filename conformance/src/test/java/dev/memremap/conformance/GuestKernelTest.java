// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuestKernelTest {
  @TempDir Path directory;

  @ParameterizedTest(name = "{1} before {2}")
  @CsvSource({
    "6.1, 6.1.0-9-amd64_6.1.10-1, 6.1.0-56-amd64_6.1.192-2",
    "6.1, 6.1.0-56-amd64_6.1.90-2, 6.1.0-56-amd64_6.1.192-1",
    "6.1, 6.1.0-0.deb11.9-amd64_6.1.9-1~bpo11+1, 6.1.0-9-amd64_6.1.9-2",
    "6.12, 6.12.9+deb13-amd64_6.12.9-1, 6.12.117+deb13-amd64_6.12.117-1",
    "6.12, 6.12.4-rt-amd64_6.12.4-1, 6.12.41+deb13-rt-amd64_6.12.41-1"
  })
  @DisplayName(
      "The newest kernel of a series is taken, by numbers and not by letters; no unfinished one")
  void newest(String series, String older, String newer) throws Exception {
    for (String version : List.of(older, newer)) {
      kernel("linux-image-" + version + "_amd64", version);
    }
    kernel("linux-image-5.10.0-46-amd64_5.10.262-1_amd64", "5.10.0-46-amd64");
    kernel(".partial.z", series + ".0-99-amd64");

    assertThat(GuestKernel.newest(directory, series).release()).isEqualTo(newer);
    assertThat(GuestKernel.newest(directory, "5.10").release()).isEqualTo("5.10.0-46-amd64");
  }

  @Test
  @DisplayName("Where no kernel of a series is, the sentence says what to run")
  void none() throws Exception {
    kernel("linux-image-6.12.117+deb13-amd64_6.12.117-1_amd64", "6.12.117+deb13-amd64");
    assertThatThrownBy(() -> GuestKernel.newest(directory, "6.1"))
        .isInstanceOf(GuestUnavailableException.class)
        .hasMessage(
            "no kernel 6.1 for the guest in " + directory + ": run conformance/fetch-kernel 6.1");
    assertThatThrownBy(() -> GuestKernel.in(directory))
        .isInstanceOf(GuestUnavailableException.class)
        .hasMessageStartingWith("no kernel in " + directory + ": it needs boot/vmlinuz-RELEASE");
  }

  @Test
  @DisplayName("A kernel is fetched only where none of its series is, with the headers beside it")
  void fetched() throws Exception {
    Path kernel =
        kernel("linux-image-6.12.117+deb13-amd64_6.12.117-1_amd64", "6.12.117+deb13-amd64");
    Path fetched = kernel("fetched", "6.12.118+deb13-amd64");
    List<String> said = new ArrayList<>();
    KernelFetch fetch = script(said, "echo getting $3 >&2; echo " + fetched);

    assertThat(GuestKernel.fetched(directory, "6.12", fetch).release())
        .isEqualTo("6.12.118+deb13-amd64");
    assertThat(said).containsExactly("getting 6.12");

    Path headers = kernel.resolve("usr/src/linux-headers-6.12.117+deb13-amd64");
    Files.createDirectories(headers);
    Files.createFile(headers.resolve(".kernelvariables"));
    assertThat(GuestKernel.fetched(directory, "6.12", fetch).release())
        .isEqualTo("6.12.117+deb13-amd64");
    assertThat(said).hasSize(1);
  }

  @Test
  @DisplayName("Another series can stand in, which the script says; the newest is asked for anew")
  void standsIn() throws Exception {
    Path older = kernel("linux-image-7.2.13+deb14-amd64_7.2.13-1_amd64", "7.2.13+deb14-amd64");
    Path headers = older.resolve("usr/src/linux-headers-7.2.13+deb14-amd64");
    Files.createDirectories(headers);
    Files.createFile(headers.resolve(".kernelvariables"));
    for (String series : List.of("7.3", "newest")) {
      List<String> said = new ArrayList<>();
      String words = "echo fetch-kernel: 7.2 stands in for $3 >&2; echo " + older;
      assertThat(GuestKernel.fetched(directory, series, script(said, words)).series())
          .isEqualTo("7.2");
      assertThat(said).containsExactly("fetch-kernel: 7.2 stands in for " + series);
    }
  }

  @Test
  @DisplayName("A kernel that cannot be fetched: the sentence is the script's own")
  void notFetched() {
    List<String> said = new ArrayList<>();
    assertThatThrownBy(
            () ->
                GuestKernel.fetched(
                    directory,
                    "6.12",
                    script(said, "echo E: apt >&2; echo fetch-kernel: no network >&2; exit 1")))
        .isInstanceOf(GuestUnavailableException.class)
        .hasMessage("kernel 6.12 could not be fetched: no network");
    // the reason is in the sentence, and is not said twice
    assertThat(said).containsExactly("E: apt");
    said.clear();
    assertThatThrownBy(
            () ->
                GuestKernel.fetched(
                    directory, "6.12", script(said, "echo Get: 1 >&2; echo E: apt >&2; exit 1")))
        .hasMessage("kernel 6.12 could not be fetched: E: apt");
    assertThat(said).containsExactly("Get: 1");
    assertThatThrownBy(
            () ->
                GuestKernel.fetched(
                    directory, "6.12", new KernelFetch(said::add, List.of("/no/such/shell", "-c"))))
        .isInstanceOf(GuestUnavailableException.class)
        .hasMessage(
            "kernel 6.12 cannot be fetched without /no/such/shell, which does not start here");
  }

  @Test
  @DisplayName("A series that Debian has not, is refused by the script that is shipped")
  void unknownSeries() {
    List<String> said = new ArrayList<>();
    assertThatThrownBy(() -> GuestKernel.fetched("6.2", said::add))
        .isInstanceOf(GuestUnavailableException.class)
        .hasMessage(
            "kernel 6.2 could not be fetched: no Debian release is known here that has a kernel"
                + " 6.2: 5.10, 6.1, 6.12 and later ones can be fetched");
    assertThat(said).isEmpty();
    assertThatThrownBy(() -> GuestKernel.fetched("../7", said::add))
        .isInstanceOf(IllegalArgumentException.class);
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

  /** One that runs these words instead of the script, whose text is $1 there, and its name $2. */
  private static KernelFetch script(List<String> said, String words) {
    return new KernelFetch(said::add, List.of("/bin/sh", "-c", words, "sh"));
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
