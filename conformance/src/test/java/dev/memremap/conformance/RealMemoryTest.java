// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import dev.memremap.conformance.guest.Inside;
import dev.memremap.conformance.guest.Pattern;
import dev.memremap.conformance.guest.SmallBarSteps;
import dev.memremap.linux.LinuxHostMemory;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Real memory, by every route, in one boot of a real kernel: {@link Inside} tries each step there,
 * then QEMU is killed with SIGKILL, and what was stored is looked for in the files behind its
 * devices.
 *
 * <p>What this cannot show: that bytes outlast a loss of power. QEMU's NVDIMM is a file's pages in
 * the host's page cache, and a store is in them at once, persisted or not. That {@code persist}
 * calls what it must, with exactly its range, is for the tests of {@code linux} to show.
 */
@Tag("guest")
class RealMemoryTest {
  private static final Duration LIMIT = GuestLimits.find().command();
  private static final long MIB = 1 << 20;

  /** Within the 28 address lines of the edu. */
  private static final long LEGACY = 192 * MIB;

  /** Readies what a user of the guest would: memory in huge pages, file systems, modes. */
  private static final String PREPARE =
      """
      set -e
      java=$1; path=$2; examples=$3; legacy=$4; limit=$5
      ndctl create-namespace -f -e namespace0.0 -m devdax -M mem >/run/ndctl 2>&1
      ndctl create-namespace -f -e namespace1.0 -m fsdax -M mem >>/run/ndctl 2>&1
      mkdir /mnt/dax /mnt/huge
      mkfs.ext4 -q -b 4096 /dev/pmem1
      mount -o dax /dev/pmem1 /mnt/dax
      echo 8 >/proc/sys/vm/nr_hugepages
      mount -t hugetlbfs none /mnt/huge
      # such a JVM lacks what its own way to write persistent memory back jumps to
      options="-XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED -D$limit"

      echo namespace2.0 >/sys/bus/nd/drivers/nd_pmem/unbind
      "$java" $options -cp "$path:$examples" EduDevice "$legacy" >/run/edu 2>&1 || echo "ended with $?" >>/run/edu
      sed 's/^/edu: /' /run/edu
      echo namespace2.0 >/sys/bus/nd/drivers/nd_pmem/bind
      dd if=/dev/pmem2 bs=4096 count=2 status=none | tr '\\0' 0 | fold -w 64 | uniq | sed 's/^/edu, pmem2: /'

      # somebody else may not read where this lies
      mkdir /run/classes
      copies=/run/classes
      for place in $(echo "$path" | tr : ' '); do
        # a build that packages has jars where others have folders
        if [ -d "$place" ]; then cp -r "$place"/. /run/classes
        else cp "$place" /run/classes; copies=$copies:/run/classes/$(basename "$place"); fi
      done
      chmod -R a+rX /run/classes
      setpriv --reuid=65534 --regid=65534 --clear-groups \
        "$java" $options -cp "$copies" dev.memremap.conformance.guest.Inside unprivileged || true

      exec "$java" $options -cp "$path" dev.memremap.conformance.guest.Inside
      """;

  @TempDir static Path directory;

  private static String output = "";
  private static @Nullable GuestException ended;

  @BeforeAll
  static void boot() throws Exception {
    Guests.assumePossible();
    store(Pattern.OF_HOST, ivshmem());
    GuestMachine machine =
        GuestMachine.builder(GuestKernel.find())
            .ivshmem(ivshmem(), 16 * MIB)
            .nvdimm(nvdimm(0), 256 * MIB)
            .nvdimm(nvdimm(1), 256 * MIB)
            .legacyPmem(64 * MIB, LEGACY)
            .modules("crc32c_generic", "ext4", "uio_cif", "uio_pci_generic")
            .edu()
            .device(
                "rtl8139,mac=" + SmallBarSteps.MAC + ",romfile=" + GuestHardware.optionValue(rom()))
            .device("pci-ohci")
            .device("pcie-root-port,id=bridge,chassis=1")
            .build();
    long start = System.nanoTime();
    String stepLimit = Inside.LIMIT_MILLIS + "=" + GuestLimits.find().step().toMillis();
    List<String> command =
        List.of(
            "/bin/sh",
            "-c",
            PREPARE,
            "sh",
            java(),
            classPath(),
            examples(),
            "" + LEGACY,
            stepLimit);
    try (RunningGuest guest = machine.start(command)) {
      try {
        guest.awaitLine(Inside.ENDED, LIMIT);
      } catch (GuestException e) {
        ended = e;
      }
      guest.kill();
      output = guest.output();
      System.out.printf("real memory: one boot of %.1f s%n", (System.nanoTime() - start) / 1e9);
      Path all = Files.writeString(Path.of("target/real-memory.txt"), output);
      System.out.println("all that was said in there is in " + all.toAbsolutePath());
      output.lines().filter(RealMemoryTest::isReported).forEach(System.out::println);
    }
  }

  private static boolean isReported(String line) {
    return line.startsWith("  PAT: ") || line.endsWith(" MiB/s stored");
  }

  private static Path ivshmem() {
    return directory.resolve("ivshmem");
  }

  /** An expansion ROM without a program: the firmware shall not run it. */
  private static Path rom() throws IOException {
    return Files.write(directory.resolve("rom"), new byte[64 << 10]);
  }

  private static Path nvdimm(int index) {
    return directory.resolve("nvdimm" + index);
  }

  private static void store(Pattern pattern, Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(pattern.bytes()), pattern.barOffset());
    }
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** Compiles the driver, as a user's build does, and not in the guest, where that takes long. */
  private static String examples() throws IOException {
    Path classes = Files.createDirectory(directory.resolve("examples"));
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                said,
                said,
                "-Werror",
                "-Xlint:all",
                "-cp",
                classPath(),
                "-d",
                classes.toString(),
                "../examples/java/EduDevice.java");
    assertThat(status).as(said.toString(StandardCharsets.UTF_8)).isZero();
    return classes.toString();
  }

  /** No more than the programs in the guest need, for each entry costs them time. */
  private static String classPath() {
    return Stream.of(Inside.class, Machine.class, LinuxHostMemory.class)
        .map(RealMemoryTest::place)
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static String place(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  @TestFactory
  @DisplayName("Inside")
  Stream<DynamicTest> inside() {
    return Inside.steps().stream()
        .map(step -> DynamicTest.dynamicTest(step.name(), () -> requireOk(step.name())));
  }

  private static void requireOk(String name) {
    assertThat(
            output
                .lines()
                .filter(
                    line -> line.equals("ok " + name) || line.startsWith("FAILED " + name + ":")))
        .as("what the guest said of it; the guest %s", end())
        .containsExactly("ok " + name);
  }

  private static String end() {
    return ended == null
        ? "was killed when it was done"
        : "did not come to its end: "
            + String.valueOf(ended.getMessage()).lines().findFirst().orElse("");
  }

  @Test
  @DisplayName("Every step was tried, each under its own name, and the guest came to its end")
  void everyStep() {
    assertThat(ended).as(end()).isNull();
    assertThat(output.lines().filter(line -> line.startsWith("ok ")))
        .doesNotHaveDuplicates()
        .hasSize(Inside.steps().size());
  }

  @Test
  @DisplayName("The driver in Java for QEMU's edu: registers, the factorial unit, DMA by polling")
  void eduDriver() {
    assertThat(output.lines().filter(line -> line.startsWith("edu: ")))
        .satisfiesExactly(
            line -> assertThat(line).matches("edu: 0000:00:0[0-9].0 is an edu of revision 1.0"),
            line -> assertThat(line).isEqualTo("edu: it inverts 0x12345678 to 0xedcba987"),
            line -> assertThat(line).isEqualTo("edu: it computes 10! = 3628800"),
            line -> assertThat(line).isEqualTo("edu: DMA through /dev/mem: the same bytes"),
            line -> assertThat(line).isEqualTo("edu: released: 2 resources"));
    assertThat(output.lines().filter(line -> line.startsWith("edu, pmem2: ")))
        .as("the two pages, as the block device over them has them")
        .containsExactly(
            "edu, pmem2: " + "0".repeat(64),
            "edu, pmem2: through a device and back" + ".".repeat(39),
            "edu, pmem2: " + ".".repeat(64),
            "edu, pmem2: " + "0".repeat(64));
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(names = {"UNCACHED", "COMBINED", "OF_HOST", "UIO", "PAGE_OF_BAR", "REGISTERS"})
  @DisplayName("What was stored in a BAR is in QEMU's file behind it")
  void inBar(Pattern pattern) throws IOException {
    assertThat(bytes(ivshmem(), pattern.barOffset())).isEqualTo(pattern.bytes());
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(names = {"DAX_DEVICE", "DAX_PAGE", "DAX_DEVICE_KILLED"})
  @DisplayName("What was stored in a device DAX is in QEMU's file, where its address says")
  void inDaxDevice(Pattern pattern) throws IOException {
    String line = Pattern.PLACE + pattern + " ";
    String place = output.lines().filter(one -> one.startsWith(line)).findFirst().orElseThrow();
    long offset = Long.parseLong(place.substring(line.length()));
    assertThat(bytes(nvdimm(0), offset)).isEqualTo(pattern.bytes());
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(names = {"DAX_FILE", "DAX_FILE_KILLED"})
  @DisplayName("What was stored in a DAX file is in QEMU's file, where the file system put it")
  void inDaxFile(Pattern pattern) throws IOException {
    ByteBuffer wanted = ByteBuffer.wrap(pattern.bytes());
    int found = 0;
    try (FileChannel channel = FileChannel.open(nvdimm(1))) {
      ByteBuffer all = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      for (int at = 0; at < all.capacity(); at += Pattern.LENGTH) {
        if (all.slice(at, Pattern.LENGTH).equals(wanted)) {
          found++;
        }
      }
    }
    assertThat(found).isEqualTo(1);
  }

  private static byte[] bytes(Path file, long offset) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Pattern.LENGTH);
    try (FileChannel channel = FileChannel.open(file)) {
      channel.read(bytes, offset);
    }
    return bytes.array();
  }
}
