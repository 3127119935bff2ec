// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.guest;

import static dev.memremap.plan.MemremapFlag.WB;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.linux.HugetlbFile;
import dev.memremap.linux.Memfd;
import dev.memremap.resource.Resource;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Rule;
import dev.memremap.spi.MemorySource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Memory that a process may have without privilege, but for huge pages, which root sets aside. */
final class AnyonesSteps {
  /** Where the script mounts a hugetlbfs. */
  private static final Path HUGETLBFS = Path.of("/mnt/huge");

  private static final long HUGE_PAGE = 2 << 20;

  private AnyonesSteps() {}

  static List<Step> all() {
    return List.of(
        new Step("a memfd is the file behind its descriptor", AnyonesSteps::memfd),
        new Step("a memfd of huge pages takes them, and gives them back", AnyonesSteps::huge),
        new Step("a hugetlbfs file is what another process reads", AnyonesSteps::hugetlbfs),
        new Step("LIB-6 more huge pages than there are", AnyonesSteps::tooMany));
  }

  private static void memfd() throws Exception {
    try (Machine machine = Machine.host()) {
      Resource pool = machine.attach("pool", Memfd.of("pool", 1 << 20));
      try (Mapping mapping = machine.memremap(pool.range(), WB)) {
        Pattern.MEMFD.storeIn(mapping.segment(), 4096);
        Expect.sameBytes(Pattern.MEMFD.bytes(), readMemfd("pool", 4096), "the descriptor's bytes");
      }
    }
    Expect.equal(0L, descriptors("pool"), "descriptors left");
  }

  private static void huge() throws Exception {
    long free = freeHugePages();
    try (Machine machine = Machine.host()) {
      Resource pool = machine.attach("huge", Memfd.huge("huge", 2 * HUGE_PAGE, HUGE_PAGE));
      try (Mapping mapping = machine.memremap(pool.range(), WB)) {
        Pattern.HUGE.storeIn(mapping.segment(), 4096);
        Pattern.HUGE.storeIn(mapping.segment(), HUGE_PAGE);
        Expect.equal(free - 2, freeHugePages(), "free huge pages while two are used");
        Expect.sameBytes(Pattern.HUGE.bytes(), readMemfd("huge", 4096), "the descriptor's bytes");
      }
    }
    Expect.equal(free, freeHugePages(), "free huge pages afterwards");
  }

  private static void hugetlbfs() throws Exception {
    Path path = HUGETLBFS.resolve("file");
    Computer.sh("truncate -s 4M " + path);
    try (Machine machine = Machine.host()) {
      Resource file = machine.attach("file", HugetlbFile.open(path));
      try (Mapping mapping = machine.memremap(file.range(), WB)) {
        Pattern.HUGE.storeIn(mapping.segment(), HUGE_PAGE + 4096);
        byte[] read = Computer.sh("dd if=%s bs=4096 skip=513 count=1 status=none".formatted(path));
        Expect.sameBytes(Pattern.HUGE.bytes(), read, "what dd reads");
      }
    }
  }

  private static void tooMany() throws Exception {
    try (Machine machine = Machine.host()) {
      MemorySource source = Memfd.huge("many", 64 * HUGE_PAGE, HUGE_PAGE);
      Resource many = machine.attach("many", source);
      String message =
          Expect.refused(Errno.ENOMEM, Rule.LIB_6, () -> machine.memremap(many.range(), WB));
      Expect.contains(message, "memfd many", "vm.nr_hugepages");
    }
  }

  private static long freeHugePages() throws IOException {
    return Long.parseLong(
        Computer.read("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages"));
  }

  private static byte[] readMemfd(String name, long offset) throws IOException {
    Path file;
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      file = descriptors.filter(path -> isMemfd(path, name)).findFirst().orElseThrow();
    }
    try (InputStream bytes = Files.newInputStream(file)) {
      bytes.skipNBytes(offset);
      return bytes.readNBytes(Pattern.LENGTH);
    }
  }

  private static long descriptors(String name) throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.filter(path -> isMemfd(path, name)).count();
    }
  }

  private static boolean isMemfd(Path descriptor, String name) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith("/memfd:" + name);
    } catch (IOException closedMeanwhile) {
      return false;
    }
  }
}
