// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is decided without a boot. */
class GuestRecordTest {
  private static final Duration TOOK = Duration.ofSeconds(9);

  @Test
  @DisplayName("An exit status counts, even if the guest was killed on its way down")
  void exits() {
    GuestRecord record = new GuestRecord("out\n", "log\n", "started 2.97\nexit 3\n", "");
    assertThat(record.ended(true, 137, TOOK))
        .isEqualTo(new GuestRun(3, "out\n", "log\n", Duration.ofMillis(2970), TOOK));
  }

  @Test
  @DisplayName("Half a line is not read as a whole one")
  void halfLines() {
    GuestRecord record = new GuestRecord("ready\nreadines", "", "started 2.97\nexit 1", "");
    assertThat(record.outputLine("read")).contains("ready");
    assertThat(record.outputLine("readi")).isEmpty();
    assertThatThrownBy(() -> record.ended(false, 0, TOOK)).isInstanceOf(GuestEndedException.class);
  }

  @Test
  @DisplayName("Each other end has its own exception and says why")
  void otherEnds() {
    assertThatThrownBy(() -> new GuestRecord("", "", "", "").ended(true, 137, TOOK))
        .isInstanceOf(GuestEndedException.class)
        .hasMessage("The guest was killed before its command ended");
    assertThatThrownBy(
            () -> new GuestRecord("", "why\n", "failed no module\n", "").ended(false, 0, TOOK))
        .isInstanceOf(GuestEndedException.class)
        .hasMessage("The guest gave up: no module\n  why");
    String log = "before\nKernel panic - not syncing: Attempted\nafter\n";
    assertThatThrownBy(() -> new GuestRecord("o", log, "", "").ended(false, 0, TOOK))
        .isInstanceOf(GuestPanicException.class)
        .hasMessageStartingWith("The guest's kernel panicked: Attempted\n  before")
        .extracting("output", "kernelLog")
        .containsExactly("o", log);
    assertThatThrownBy(
            () -> new GuestRecord("", "", "", "qemu: no such device\n").ended(false, 1, TOOK))
        .hasMessage("QEMU ended with status 1 before the command did: qemu: no such device");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "137; ; signal 9 (SIGKILL) while the guest booted; something outside, such as the kernel's",
        "139; ; signal 11 (SIGSEGV) while the guest booted; that is a failure of QEMU itself",
        "0; qemu: terminating on signal 1; signal 1 (SIGHUP) while the guest booted; something",
        "193; ; signal 65 while the guest booted; something outside did it"
      })
  @DisplayName("A QEMU that was killed is reported with the signal")
  void killed(int status, @Nullable String said, String signal, String cause) {
    String qemuLog = said == null ? "" : said;
    assertThatThrownBy(() -> new GuestRecord("", "", "", qemuLog).ended(false, status, TOOK))
        .isInstanceOf(GuestKilledException.class)
        .hasMessageStartingWith("QEMU was killed by " + signal + "; " + cause);
  }

  @Test
  @DisplayName("A kernel that panicked did so, even if QEMU was killed then")
  void panicCounts() {
    GuestRecord record = new GuestRecord("", "Kernel panic - not syncing: x\n", "", "");
    assertThatThrownBy(() -> record.ended(false, 137, TOOK))
        .isInstanceOf(GuestPanicException.class);
    assertThat(record.signal(137)).isEmpty();
  }

  @Test
  @DisplayName("What cannot be a guest is refused before a boot")
  void refusals(@TempDir Path directory) throws Exception {
    GuestHardware hardware = new GuestHardware();
    Path file = directory.resolve("f");
    assertThatThrownBy(() -> hardware.ivshmem(file, 3 << 20)).hasMessageContaining("power of two");
    assertThatThrownBy(() -> hardware.nvdimm(file, 4096)).hasMessageContaining("1048576 bytes");
    assertThatThrownBy(() -> hardware.memory(0)).hasMessageContaining("not 0");
    assertThatThrownBy(() -> hardware.processors(0)).hasMessageContaining("not 0");
    assertThatThrownBy(() -> new GuestCommand(List.of(), Map.of(), "/"))
        .hasMessageContaining("the list is empty");
    assertThatThrownBy(() -> new GuestCommand(List.of("x"), Map.of("A=B", ""), "/"))
        .hasMessageContaining("A=B");
    assertThatThrownBy(() -> HostTools.find("absent-program", "its-package", "/bin:/usr/bin"))
        .isInstanceOf(GuestUnavailableException.class)
        .hasMessage("no absent-program here: run apt-get install its-package");
    assertThatThrownBy(() -> HostTools.staticOnly(Path.of("/bin/sh").toRealPath()))
        .isInstanceOf(GuestUnavailableException.class)
        .hasMessageContaining("is not static: run apt-get install busybox-static");
    assertThat(Files.exists(file)).isFalse();
  }

  @Test
  @DisplayName("a guest of arm64 has a board and ports of its own, and no NVDIMMs")
  void arm64() {
    GuestHardware hardware = new GuestHardware();
    hardware.edu();
    Path own = Path.of("/own");
    assertThat(hardware.options(own, GuestArchitecture.ARM64))
        .contains("virt,gic-version=3", "edu", "virtio-9p-pci,fsdev=host,mount_tag=host");
    assertThat(GuestArchitecture.ARM64.port(0, Path.of("/a")))
        .containsExactly("-serial", "file:/a");
    assertThat(GuestArchitecture.ARM64.port(2, Path.of("/a,b")))
        .containsExactly(
            "-chardev", "file,id=port2,path=/a,,b", "-device", "pci-serial,chardev=port2");
    assertThat(GuestArchitecture.X86_64.port(2, Path.of("/a")))
        .containsExactly("-serial", "file:/a");
    hardware.nvdimm(Path.of("/c"), 256 << 20);
    assertThatThrownBy(() -> hardware.options(own, GuestArchitecture.ARM64))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Only an x86-64 guest");
  }

  @Test
  @DisplayName("QEMU's options name each device, and commas in a path are doubled")
  void options() {
    GuestHardware hardware = new GuestHardware();
    Path own = Path.of("/own");
    assertThat(hardware.options(own, GuestArchitecture.X86_64))
        .contains("q35,nvdimm=off", "2048M")
        .doesNotContain("edu");
    hardware.nvdimm(Path.of("/a,b"), 512 << 20);
    hardware.nvdimm(Path.of("/c"), 256 << 20);
    hardware.ivshmem(Path.of("/d"), 16 << 20);
    hardware.edu();
    hardware.ivshmem(1 << 20);
    assertThat(hardware.options(own, GuestArchitecture.X86_64))
        .contains(
            "q35,nvdimm=on",
            "2048M,slots=2,maxmem=5888M",
            "memory-backend-file,share=on,id=nvdimm-memory0,mem-path=/a,,b,size=536870912",
            "nvdimm,memdev=nvdimm-memory0,id=nvdimm0",
            "memory-backend-file,share=on,id=nvdimm-memory1,mem-path=/c,size=268435456",
            "nvdimm,memdev=nvdimm-memory1,id=nvdimm2",
            "memory-backend-file,share=on,id=ivshmem-memory0,mem-path=/d,size=16777216",
            "ivshmem-plain,memdev=ivshmem-memory0",
            "memory-backend-file,share=on,id=ivshmem-memory1,mem-path=/own/ivshmem1,size=1048576",
            "edu");
  }
}
