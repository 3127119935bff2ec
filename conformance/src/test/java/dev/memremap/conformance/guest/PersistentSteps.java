// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.guest;

import static dev.memremap.plan.MemremapFlag.WB;
import static dev.memremap.spi.HardwareDevice.Kind.DAX;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.cache.CacheMode;
import dev.memremap.linux.DaxFile;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Persistent memory: a device DAX, a file in a file system that is mounted with DAX. */
final class PersistentSteps {
  /** Where the script mounts a file system with DAX. */
  private static final Path DIRECTORY = Path.of("/mnt/dax");

  private static final long MIB = 1 << 20;

  private PersistentSteps() {}

  static List<Step> all() {
    return List.of(
        new Step("a device DAX is mapped WB, and persisted by libpmem", PersistentSteps::device),
        new Step("a DAX file is the file that the file system reads", PersistentSteps::file),
        new Step("LIB-8 a DAX file that is cut short is an error", PersistentSteps::cutShort),
        new Step("LIB-6 a file that is not DAX is told from one that is", PersistentSteps::cached));
  }

  /** What is stored and persisted last; the guest is killed right after. */
  static List<Step> beforeTheEnd() {
    return List.of(
        new Step("persisted in a device DAX before the kill", PersistentSteps::deviceKilled),
        new Step("persisted in a DAX file before the kill", PersistentSteps::fileKilled));
  }

  private static void device() throws Exception {
    storeInDevice(Pattern.DAX_DEVICE, 5 * MIB);
    Expect.contains(Computer.read("/proc/self/maps"), "/libpmem.so.1");
  }

  private static void deviceKilled() {
    storeInDevice(Pattern.DAX_DEVICE_KILLED, 7 * MIB);
  }

  private static void storeInDevice(Pattern pattern, long offset) {
    try (Machine machine = Machine.host()) {
      PhysRange whole = Computer.first(machine, DAX).region(0).range();
      PhysRange page = Computer.part(whole, offset, Pattern.LENGTH);
      Computer.tellPlace(machine, pattern, page.start());
      try (Mapping mapping = machine.memremap(page, WB)) {
        Expect.equal(CacheMode.WB, mapping.cacheMode(), "mode");
        Expect.equal("/dev/dax0.0", mapping.backing(), "the way to it");
        pattern.storeIn(mapping.segment(), 0);
        mapping.persist(0, Pattern.LENGTH);
        mapping.drain();
      }
      try (Mapping again = machine.memremap(page, WB)) {
        pattern.requireIn(again.segment(), 0, "the device mapped again");
      }
    }
  }

  private static void file() throws Exception {
    Path path = DIRECTORY.resolve("file");
    storeInFile(Pattern.DAX_FILE, path);
    Computer.sh("dd if=%s of=/run/copy bs=4096 skip=3 count=1 status=none".formatted(path));
    Expect.sameBytes(
        Pattern.DAX_FILE.bytes(), Files.readAllBytes(Path.of("/run/copy")), "what dd reads");
  }

  private static void fileKilled() throws Exception {
    storeInFile(Pattern.DAX_FILE_KILLED, DIRECTORY.resolve("killed"));
  }

  private static void storeInFile(Pattern pattern, Path path) throws Exception {
    Computer.sh("truncate -s 64K " + path);
    try (Machine machine = Machine.host()) {
      Resource file = machine.attach("file", DaxFile.open(path));
      try (Mapping mapping = machine.memremap(file.range(), WB)) {
        pattern.storeIn(mapping.segment(), 3 * 4096);
        mapping.persist(3 * 4096, Pattern.LENGTH);
        byte[] read = Files.readAllBytes(path);
        Expect.sameBytes(
            pattern.bytes(), Arrays.copyOfRange(read, 3 * 4096, 4 * 4096), "the file's bytes");
      }
    }
  }

  private static void cutShort() throws Exception {
    Path path = DIRECTORY.resolve("short");
    Computer.sh("truncate -s 64K " + path);
    try (Machine machine = Machine.host()) {
      Resource file = machine.attach("short", DaxFile.open(path));
      try (Mapping mapping = machine.memremap(file.range(), WB)) {
        mapping.store(60 << 10, 64, 1);
        Computer.sh("truncate -s 4K " + path);
        mapping.store(0, 64, 2);
        String message = Expect.refused(Errno.EIO, Rule.LIB_8, () -> mapping.load(60 << 10, 64));
        Expect.contains(message, path.toString(), "cut short");
        Expect.refused(
            Errno.EIO,
            Rule.LIB_8,
            () -> {
              mapping.persist(60 << 10, 64);
              return "nothing";
            });
      }
    }
  }

  private static void cached() throws Exception {
    Path path = Files.write(Path.of("/tmp/cached"), new byte[4096]);
    String message = Expect.refused(Errno.EOPNOTSUPP, Rule.LIB_6, () -> DaxFile.open(path));
    Expect.contains(message, "/tmp/cached", "mount it with -o dax");
    try (DaxFile file = DaxFile.orCached(path)) {
      Expect.that(!file.isDirect(), "it is cached");
    } catch (MemremapException e) {
      throw new AssertionError("it can be opened, cached", e);
    }
  }
}
