// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.memremap.conformance.Arm64Files;
import dev.memremap.conformance.GuestLimits;
import dev.memremap.conformance.GuestMachine;
import dev.memremap.conformance.GuestRun;
import dev.memremap.conformance.GuestUnavailableException;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Real memory on another processor than x86-64: {@link OnAnotherLinux} in a JVM, under a booted
 * kernel of arm64 with pages of 4K and of 16K. What it stores in a BAR is looked for in QEMU's file
 * behind the BAR, and what it reads was put there before.
 */
@Tag("thorough")
class Arm64GuestTest {
  private static final long BAR_BYTES = 4 << 20;

  /** Makes the JRE's root the guest's: nothing else of the host's can run there. */
  private static final String SCRIPT =
      """
      set -e
      busybox=/run/guest/busybox
      root=$1; path=$2
      for device in /sys/bus/pci/devices/*; do
        # those without a driver: ivshmem and edu
        [ -e "$device/driver" ] || echo 1 >"$device/enable"
      done
      "$busybox" mount -o rbind / "$root/host"
      for directory in proc sys dev; do "$busybox" mount -o rbind "/$directory" "$root/$directory"; done
      "$busybox" mount -t tmpfs tmpfs "$root/tmp"
      exec "$busybox" chroot "$root" /usr/lib/jvm/java-25-openjdk-arm64/bin/java \\
        -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData --enable-native-access=ALL-UNNAMED \\
        -cp "$path" dev.memremap.cli.OnAnotherLinux
      """;

  @TempDir private Path directory;

  private Path bar() {
    return directory.resolve("bar");
  }

  /** Fetches what the guest runs where guests are required, in CI; else says how to. */
  private static Arm64Files files() throws Exception {
    try {
      if (isRequired()) {
        Process fetch =
            new ProcessBuilder("bash", "../conformance/fetch-arm64").inheritIO().start();
        assertThat(fetch.waitFor()).as("conformance/fetch-arm64").isZero();
      }
      return Arm64Files.find();
    } catch (GuestUnavailableException e) {
      return skipped(e);
    }
  }

  private static boolean isRequired() {
    return System.getenv("MEMREMAP_GUEST_REQUIRED") != null;
  }

  private static <T> T skipped(GuestUnavailableException why) {
    if (isRequired()) {
      throw why;
    }
    System.out.println("SKIPPED: " + why.getMessage());
    return abort(why.getMessage());
  }

  /** The class path as it is called below the JRE's root. */
  private static String classPath() {
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return Stream.of(path.split(File.pathSeparator))
        .map(entry -> "/host" + Path.of(entry).toAbsolutePath())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private GuestRun boot(Arm64Files files, String pages) throws Exception {
    Files.write(bar(), new byte[(int) BAR_BYTES]);
    try (FileChannel file = FileChannel.open(bar(), StandardOpenOption.WRITE)) {
      byte[] bytes = OnAnotherLinux.OF_HOST.getBytes(StandardCharsets.US_ASCII);
      file.write(ByteBuffer.wrap(bytes), OnAnotherLinux.OF_HOST_AT);
    }
    GuestMachine machine =
        GuestMachine.builder(files.kernel(pages)).ivshmem(bar(), BAR_BYTES).edu().build();
    List<String> command =
        List.of(
            "/run/guest/busybox", "sh", "-c", SCRIPT, "sh", files.root().toString(), classPath());
    try {
      return machine.run(command, GuestLimits.find().command());
    } catch (GuestUnavailableException e) {
      return skipped(e);
    }
  }

  private String stored(long at, String like) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(like.length());
    try (FileChannel file = FileChannel.open(bar())) {
      file.read(bytes, at);
    }
    return new String(bytes.array(), StandardCharsets.US_ASCII);
  }

  @ParameterizedTest(name = "pages of {0}")
  @CsvSource({"4k, 4096", "16k, 16384"})
  @DisplayName("C-19 real memory works on arm64: devices, a BAR both ways, registers, a memfd")
  void realMemory(String pages, int pageBytes) throws Exception {
    GuestRun run = boot(files(), pages);
    Files.writeString(Path.of("target/arm64-" + pages + ".txt"), run.output());
    List<String> said = run.output().lines().toList();
    assertThat(said)
        .as(run.output())
        .contains(
            "architecture arm64",
            "pages " + pageBytes,
            "fact arch: read: uname -m",
            "fact kernel: read: uname -r",
            "fact pages: read: /proc/self/auxv",
            "edu identifies as 0x010000ed, inverts to 0xedcba987",
            OnAnotherLinux.ENDED)
        .anyMatch(line -> line.matches("bar mode \\S+, bytes '" + OnAnotherLinux.OF_HOST + "'"))
        .anyMatch(line -> line.matches("memfd of 262144 bytes, mode WB, its file has 0x600df00d"));
    assertThat(run.exitStatus()).isZero();
    assertThat(stored(OnAnotherLinux.OF_GUEST_AT, OnAnotherLinux.OF_GUEST))
        .isEqualTo(OnAnotherLinux.OF_GUEST);
    assertThat(stored(OnAnotherLinux.OF_COMMAND_AT, OnAnotherLinux.OF_COMMAND))
        .isEqualTo(OnAnotherLinux.OF_COMMAND);
    assertCommand(said);
  }

  private static void assertCommand(List<String> said) {
    assertThat(said)
        .contains("devices ended with 0", "read ended with 0", "write ended with 0")
        .anyMatch(line -> line.startsWith("devices: ") && line.contains("1af4:1110"))
        .anyMatch(line -> line.startsWith("devices: ") && line.contains("1234:11e8"))
        .anyMatch(line -> line.startsWith("read: ") && line.contains("73 74 6f 72"));
    for (String asked : List.of("explain", "plan")) {
      assertThat(said)
          .as("%s says in one sentence that rules are missing", asked)
          .filteredOn(line -> line.startsWith(asked) && line.contains("C-19"))
          .hasSize(1);
    }
  }
}
