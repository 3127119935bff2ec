// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code fetch-kernel}, beside an apt of a few shell lines that has these lists. */
class FetchKernelTest {
  /** Lists are files named after their release; one that is missing cannot be read. */
  private static final String APT =
      """
      #!/bin/bash
      release=none
      while [ $# -gt 0 ]; do
        case $1 in
          -o) shift 2 ;;
          -c) release=$(dirname "$2"); release=${release##*/apt-}; shift 2 ;;
          -q) shift ;;
          *) break ;;
        esac
      done
      list=$LISTS/$release
      verb=$1
      shift
      case $verb in
        indextargets) echo "Debian http://debian.example/debian/ Debian" ;;
        update) [ -e "$list" ] || { echo "E: no list of $release" >&2; exit 100; } ;;
        download)
          for package in "$@"; do
            echo "Get: $package" >&2
            : >"${package%%=*}_${package#*=}_amd64.deb"
          done
          ;;
        show)
          case $1 in
            *=*) ! grep -q -F -- "${1#*=}" "$list" 2>/dev/null || echo "Package: ${1%%=*}" ;;
            linux-kbuild-*) sed 's/^\\([^ ]*\\) .*/Version: \\1/' "$list" ;;
            *)
              while read -r version release layout; do
                echo "Version: $version"
                echo "Depends: linux-base-amd64 (= $version), linux-image-$release (= $version)"
              done 2>/dev/null <"$list"
              ;;
          esac
          ;;
        depends)
          release=${1%%=*}
          release=${release#linux-*-}
          case $1 in
            linux-image-*)
              grep -q -F -- " $release split" "$list" || exit 0
              for part in base binary modules; do
                echo "  Depends: linux-$part-$release"
              done
              echo "  Depends: linux-base"
              ;;
            linux-headers-*) echo "  Depends: linux-kbuild-$release" ;;
          esac
          ;;
      esac
      """;

  private static final String DPKG =
      """
      #!/bin/bash
      package=$(basename "$2")
      package=${package%%_*}
      release=${package#linux-*-}
      modules=$3/usr/lib/modules/$release
      headers=$3/usr/src/linux-headers-$release
      case $package in
        linux-binary-*) mkdir -p "$modules" && echo image >"$modules/vmlinuz" ;;
        linux-base-*)
          mkdir -p "$modules"
          echo CONFIG_DEVICE_PRIVATE=y >"$modules/config"
          : >"$modules/System.map"
          ;;
        linux-modules-*) mkdir -p "$modules/kernel" && : >"$modules/kernel/a.ko" ;;
        linux-image-*)
          grep -q -r -F -- " $release whole" "$LISTS" || exit 0
          mkdir -p "$3/lib/modules/$release" "$3/boot"
          for part in vmlinuz config System.map; do
            echo "$part" >"$3/boot/$part-$release"
          done
          ;;
        linux-headers-*)
          mkdir -p "$headers"
          echo CC = gcc >"$headers/.kernelvariables"
          printf '%s\\n' "KBUILD_OUTPUT=/usr/src/linux-headers-$release" \\
            "include /usr/src/linux-headers-common/Makefile" >"$headers/Makefile"
          ;;
        linux-kbuild-*) mkdir -p "$3/usr/lib/$package"/{scripts/{basic,mod},tools/objtool} ;;
      esac
      """;

  @TempDir Path directory;

  private record Run(int status, String printed, List<String> said) {
    /** What the script says itself. */
    List<String> own() {
      return said.stream().filter(line -> line.startsWith("fetch-kernel: ")).toList();
    }

    String kernel() {
      assertThat(status).as("%s", said).isZero();
      return Path.of(printed.strip()).getFileName().toString();
    }
  }

  @BeforeEach
  void tools() throws IOException {
    Path bin = Files.createDirectories(directory.resolve("bin"));
    for (String name : List.of("apt-get", "apt-cache")) {
      program(bin.resolve(name), APT);
    }
    program(bin.resolve("dpkg"), DPKG);
    Files.createDirectories(directory.resolve("lists"));
    Files.createFile(directory.resolve("keyring"));
    try (InputStream in = GuestKernel.class.getResourceAsStream("fetch-kernel")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      String keyring = "keyring=/usr/share/keyrings/debian-archive-keyring.gpg\n";
      assertThat(text).contains(keyring);
      Files.writeString(
          directory.resolve("fetch-kernel"),
          text.replace(keyring, "keyring=" + directory.resolve("keyring") + "\n"));
    }
  }

  @Test
  @DisplayName("A kernel whose package holds nothing is put together from those it depends on")
  void split() throws Exception {
    list("trixie-backports", "7.3.4-1~bpo13+1 7.3.4+deb13-amd64 split");

    Run run = fetch("7.3");
    assertThat(run.kernel()).isEqualTo("linux-image-7.3.4+deb13-amd64_7.3.4-1~bpo13+1_amd64");
    GuestKernel kernel = GuestKernel.in(Path.of(run.printed().strip()));
    assertThat(kernel.release()).isEqualTo("7.3.4+deb13-amd64");
    assertThat(kernel.isConfigured("DEVICE_PRIVATE")).isTrue();
    assertThat(kernel.modulesDirectory().resolve("kernel/a.ko")).exists();
    assertThat(kernel.headersDirectory().resolve("Makefile"))
        .hasContent("KBUILD_OUTPUT := $(CURDIR)\ninclude ../linux-headers-common/Makefile");

    Run again = fetch("7.3");
    assertThat(again.printed()).isEqualTo(run.printed());
    assertThat(again.said()).isEmpty();
  }

  @Test
  @DisplayName("The newest version of a series comes from the list, and is one package where it is")
  void whole() throws Exception {
    list("trixie", "6.12.9-1 6.12.9+deb13-amd64 whole", "6.12.118-1 6.12.118+deb13-amd64 whole");

    assertThat(fetch("6.12").kernel())
        .isEqualTo("linux-image-6.12.118+deb13-amd64_6.12.118-1_amd64");
  }

  @Test
  @DisplayName("Where a list is broken, the series right before stands in, and the run says so")
  void standsIn() throws Exception {
    list("forky", "7.2.12-1 7.2.12+deb14-amd64 split");
    list("sid", "7.2.13-1 7.2.13+deb14-amd64 split");

    Run run = fetch("7.3");
    assertThat(run.kernel()).isEqualTo("linux-image-7.2.12+deb14-amd64_7.2.12-1_amd64");
    String broken =
        "Debian's trixie-backports could not be reached or is not signed as it should be";
    String says = ", and Debian's forky or sid has no kernel 7.3: 7.2 stands in for 7.3";
    assertThat(run.own()).contains("fetch-kernel: " + broken + says);

    // one that is here already stands in, too
    Files.delete(directory.resolve("lists/forky"));
    Files.delete(directory.resolve("lists/sid"));
    assertThat(fetch("7.3").kernel()).isEqualTo("linux-image-7.2.12+deb14-amd64_7.2.12-1_amd64");
  }

  @Test
  @DisplayName("A series that no list has and that none comes before is refused, with the reason")
  void none() throws Exception {
    for (String release : List.of("trixie-backports", "forky", "sid")) {
      list(release, "7.2.12-1 7.2.12+deb14-amd64 split");
    }

    for (String series : List.of("7.0", "7.1", "6.13")) {
      Run run = fetch(series);
      assertThat(run.status()).isEqualTo(1);
      assertThat(run.said().getLast())
          .isEqualTo(
              "fetch-kernel: Debian's trixie-backports, forky or sid has no kernel " + series);
      assertThat(run.printed()).isEmpty();
    }
    assertThat(fetch("6.2").said())
        .containsExactly(
            "fetch-kernel: no Debian release is known here that has a kernel 6.2: 5.10, 6.1, 6.12"
                + " and later ones can be fetched");
  }

  @Test
  @DisplayName(
      "The newest is that of all lists, and is fetched again only when a newer one is there")
  void newest() throws Exception {
    list("forky", "7.2.12-1 7.2.12+deb14-amd64 split");
    list("trixie-backports", "7.3.4-1~bpo13+1 7.3.4+deb13-amd64 split");
    list("sid", "7.2.13-1 7.2.13+deb14-amd64 split");

    assertThat(fetch("newest").kernel())
        .isEqualTo("linux-image-7.3.4+deb13-amd64_7.3.4-1~bpo13+1_amd64");
    assertThat(fetch("newest").said()).noneMatch(line -> line.startsWith("Get: "));

    list("sid", "7.10.1-1 7.10.1+deb14-amd64 split");
    assertThat(fetch("newest").kernel()).isEqualTo("linux-image-7.10.1+deb14-amd64_7.10.1-1_amd64");
  }

  @Test
  @DisplayName("Where no list can be read, the newest that is here stands in; without one it fails")
  void newestWithoutLists() throws Exception {
    Run none = fetch("newest");
    assertThat(none.status()).isEqualTo(1);
    String broken =
        "fetch-kernel: Debian's trixie-backports, forky or sid could not be reached or is not signed"
            + " as it should be";
    assertThat(none.said().getLast()).isEqualTo(broken);

    list("trixie-backports", "7.3.4-1~bpo13+1 7.3.4+deb13-amd64 split");
    String kernel = fetch("7.3").kernel();
    Files.delete(directory.resolve("lists/trixie-backports"));
    Run here = fetch("newest");
    assertThat(here.kernel()).isEqualTo(kernel);
    assertThat(here.said().getLast())
        .isEqualTo(broken + ": 7.3, the newest that is here already, stands in");
  }

  private Run fetch(String series) throws Exception {
    Path said = directory.resolve("said");
    ProcessBuilder builder =
        new ProcessBuilder("bash", directory.resolve("fetch-kernel").toString(), series)
            .redirectError(said.toFile());
    builder.environment().put("XDG_CACHE_HOME", directory.resolve("cache").toString());
    builder.environment().put("LISTS", directory.resolve("lists").toString());
    builder.environment().merge("PATH", directory.resolve("bin") + ":", (path, bin) -> bin + path);
    Process process = builder.start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = process.waitFor();
    return new Run(status, printed, new ArrayList<>(Files.readAllLines(said)));
  }

  private void list(String release, String... kernels) throws IOException {
    Files.write(directory.resolve("lists").resolve(release), Stream.of(kernels).toList());
  }

  private static void program(Path file, String text) throws IOException {
    Files.writeString(file, text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }
}
