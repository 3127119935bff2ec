// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Boots; each test is one boot of some seconds. */
@Tag("guest")
class GuestMachineTest {
  private static final Duration LIMIT = GuestLimits.find().command();
  private static final long MIB = 1 << 20;

  @TempDir Path directory;

  @BeforeAll
  static void guestsArePossible() {
    Guests.assumePossible();
  }

  @Test
  @DisplayName("A command runs under the unpacked kernel, and all it does comes back")
  void runsACommand() throws Exception {
    Path marker = Files.writeString(directory.resolve("marker"), "from the host");
    GuestMachine machine =
        GuestMachine.builder(GuestKernel.find())
            .edu()
            .ivshmem(directory.resolve("shared, with a comma"), 16 * MIB)
            .nvdimm(directory.resolve("nvdimm0"), 128 * MIB)
            .nvdimm(directory.resolve("nvdimm1"), 128 * MIB)
            .nvdimm(directory.resolve("nvdimm2"), 128 * MIB)
            .nvdimm(directory.resolve("nvdimm3"), 128 * MIB)
            .legacyPmem(128 * MIB, 1024 * MIB)
            .env("GREETING", "it's $HOME \"here\"\nand there")
            .directory(directory)
            .build();
    String script =
        """
        set -u
        echo "release=$(uname -r)"
        echo "user=$(id -u)"
        echo "directory=$(pwd)"
        echo "marker=$(cat marker)"
        printf 'argument=%s\\n' "$1"
        printf 'greeting=%s\\n' "$GREETING"
        touch /usr/of-mine 2>/dev/null && echo "root=writable" || echo "root=read-only"
        touch marker-of-guest && echo "tmp=writable"
        for i in 0 1 2 3; do
          printf "through $i" | dd of=/dev/pmem$i conv=fsync status=none && echo "pmem$i=written"
        done
        for file in /sys/bus/pci/devices/*; do
          echo "pci=$(cat $file/vendor):$(cat $file/device)"
        done
        echo "debugfs=$(ls /sys/kernel/debug/x86/pat_memtype_list)"
        sed 's/^/iomem=/' /proc/iomem
        printf 'bytes=\\tas\\r\\nthey are\\r\\n'
        "$2" -version
        echo "to standard error" >&2
        # it holds the output open, and does not hold up the end
        setsid sleep 100000 &
        i=1; while [ $i -le 2000 ]; do echo "line $i of two thousand"; i=$((i + 1)); done
        exit 3
        """;

    GuestRun run = machine.run(List.of("/bin/sh", "-c", script, "sh", "a 'b' \\c", java()), LIMIT);

    System.out.printf("one boot with a JVM: command after %s, all in %s%n", run.boot(), run.took());
    assertThat(run.output())
        .contains("release=" + GuestKernel.find().release() + "\n")
        .contains("user=0\n")
        .contains("directory=" + directory + "\n")
        .contains("marker=from the host\n")
        .contains("argument=a 'b' \\c\n")
        .contains("greeting=it's $HOME \"here\"\nand there\n")
        .contains("root=read-only\n")
        .contains("tmp=writable\n")
        .contains("pmem0=written\npmem1=written\npmem2=written\npmem3=written\n")
        .contains("pci=0x1234:0x11e8\n")
        .contains("pci=0x1af4:0x1110\n")
        .contains("debugfs=/sys/kernel/debug/x86/pat_memtype_list\n")
        .contains("iomem=00001000-0009fbff : System RAM\n")
        .contains("iomem=40000000-47ffffff : Persistent Memory (legacy)\n")
        .contains("iomem=108000000-10fffffff : Persistent Memory\n")
        .contains("bytes=\tas\r\nthey are\r\n")
        .contains("openjdk version \"25")
        .contains("to standard error\n");
    assertThat(run.output().lines().filter(line -> line.startsWith("line ")))
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, 2000)
                .mapToObj(i -> "line " + i + " of two thousand")
                .collect(Collectors.toList()));
    assertThat(run.exitStatus()).isEqualTo(3);
    assertThat(run.kernelLog()).contains("Linux version " + GuestKernel.find().release());
    assertThat(run.output()).doesNotContain("Linux version ");
    assertThat(run.boot()).isPositive().isLessThan(run.took());
    assertThat(marker).hasContent("from the host");
    assertThat(directory.resolve("marker-of-guest")).doesNotExist();
    for (int i = 0; i < 4; i++) {
      assertThat(head(directory.resolve("nvdimm" + i), 9)).isEqualTo("through " + i);
    }
  }

  @Test
  @DisplayName("At its limit QEMU is killed, and no other process, though it be a QEMU")
  void killsOnlyItsOwn() throws Exception {
    Process sleep = new ProcessBuilder("sleep", "1000").start();
    Process otherQemu =
        new ProcessBuilder("qemu-system-x86_64", "-S", "-nodefaults", "-display", "none").start();
    GuestMachine machine = GuestMachine.builder(GuestKernel.find()).build();
    List<String> command = List.of("sh", "-c", "echo awake; sleep 1000; echo never");
    try (RunningGuest guest = machine.start(command)) {
      guest.awaitLine("awake", LIMIT);

      GuestTimeoutException late =
          catchThrowableOfType(
              GuestTimeoutException.class, () -> guest.await(Duration.ofMillis(1500)));

      assertThat(late).hasMessage("The guest did not end within 1.5 s; it was killed");
      assertThat(late.output()).isEqualTo("awake\n");
      assertThat(late.kernelLog()).contains("Run /init as init process");
      assertThat(ProcessHandle.of(guest.pid())).isEmpty();
      assertThat(sleep.isAlive()).isTrue();
      assertThat(otherQemu.isAlive()).isTrue();
    } finally {
      sleep.destroyForcibly();
      otherQemu.destroyForcibly();
    }
  }

  @Test
  @DisplayName("A guest that is killed in the middle leaves its NVDIMM's bytes in the host's file")
  void killedInTheMiddle() throws Exception {
    Path nvdimm = directory.resolve("nvdimm");
    GuestMachine machine =
        GuestMachine.builder(GuestKernel.find()).nvdimm(nvdimm, 128 * MIB).build();
    String script =
        "printf 'kept' | dd of=/dev/pmem0 bs=4k conv=fsync status=none; echo ready; sleep 1000";
    try (RunningGuest guest = machine.start(List.of("sh", "-c", script))) {
      Path temporary = temporaryDirectory(guest);
      assertThat(temporary).isNotEmptyDirectory();
      assertThatThrownBy(() -> guest.awaitLine("never", Duration.ofMillis(50)))
          .isInstanceOf(GuestTimeoutException.class)
          .hasMessageContaining("No line that starts with: never");
      assertThat(guest.awaitLine("rea", LIMIT)).isEqualTo("ready");
      assertThat(guest.isAlive()).isTrue();

      guest.kill();

      assertThat(guest.isAlive()).isFalse();
      assertThat(guest.output()).isEqualTo("ready\n");
      assertThatThrownBy(() -> guest.await(LIMIT))
          .isInstanceOf(GuestEndedException.class)
          .hasMessage("The guest was killed before its command ended");
      assertThat(head(nvdimm, 4)).isEqualTo("kept");
      assertThat(temporary).doesNotExist();
    }
  }

  @Test
  @DisplayName("A panic of the guest's kernel is told with its last lines")
  void panics() {
    assertThatThrownBy(
            () ->
                GuestMachine.builder(GuestKernel.find())
                    .build()
                    .run(List.of("sh", "-c", "echo c > /proc/sysrq-trigger"), LIMIT))
        .isInstanceOf(GuestPanicException.class)
        .hasMessageStartingWith("The guest's kernel panicked: sysrq triggered crash\n")
        .hasMessageContaining("entry_SYSCALL_64");
  }

  @Test
  @DisplayName("What QEMU refuses is told in its own words")
  void qemuRefuses() {
    GuestMachine machine = GuestMachine.builder(GuestKernel.find()).memory(1L << 60).build();
    assertThatThrownBy(() -> machine.run(List.of("true"), LIMIT))
        .isInstanceOf(GuestEndedException.class)
        .hasMessageStartingWith("QEMU ended with status 1 before the command did: ")
        .hasMessageContaining("qemu-system-x86_64: ");
  }

  private static String head(Path file, int length) throws IOException {
    try (InputStream bytes = Files.newInputStream(file)) {
      return new String(bytes.readNBytes(length), StandardCharsets.US_ASCII);
    }
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** Where QEMU's files are, as its own command line says. */
  private static Path temporaryDirectory(RunningGuest guest) {
    List<String> arguments =
        List.of(ProcessHandle.of(guest.pid()).orElseThrow().info().arguments().orElseThrow());
    return Path.of(arguments.get(arguments.indexOf("-initrd") + 1)).getParent();
  }
}
