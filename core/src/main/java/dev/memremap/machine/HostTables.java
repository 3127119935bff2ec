// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import dev.memremap.cache.MemtypeEntry;
import dev.memremap.cache.MemtypeList;
import dev.memremap.resource.IomemText;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a running Linux tells of the machine it runs on: its resource tree, the width of its
 * addresses, its MTRRs, and what it has mapped itself. What cannot be read is left to the defaults.
 *
 * @param root where {@code /proc} and {@code /sys} are
 * @param files the text of a file by its path below the root; empty for one that cannot be read
 */
record HostTables(Path root, Function<String, Optional<String>> files) {
  private static final Pattern ADDRESS_SIZES =
      Pattern.compile("^address sizes\\s*:\\s*([0-9]+) bits physical", Pattern.MULTILINE);
  private static final Pattern FLAGS = Pattern.compile("^flags\\s*:(.*)$", Pattern.MULTILINE);
  private static final Pattern MTRR =
      Pattern.compile(
          "^reg[0-9]+: base=0x([0-9a-f]+) \\(\\s*[0-9]+MB\\), size=\\s*([0-9]+)(KB|MB),.*: (\\S+)$",
          Pattern.MULTILINE);

  /** The tables of a running system. */
  HostTables(Path root) {
    this(root, path -> text(root.resolve(path)));
  }

  /** A machine with the facts that copies of such files tell. */
  static MachineDescription facts(
      MachineDescription machine, Function<String, Optional<String>> files) {
    return new HostTables(Path.of("/"), files).withTables(machine);
  }

  /** All that can be read. */
  MachineDescription read() {
    Path iomem = root.resolve("proc/iomem");
    MachineDescription description;
    try (InputStream in = Files.newInputStream(iomem)) {
      description = MachineDescription.of(IomemText.parse(in, "/proc/iomem", 1));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "/proc/iomem cannot be read (" + e.getMessage() + "); this needs Linux, and root", e);
    }
    return withFacts(description);
  }

  /** What can be read without privilege, with a resource tree from elsewhere. */
  MachineDescription readWithout(Resource root) {
    return withFacts(MachineDescription.of(root));
  }

  private MachineDescription withFacts(MachineDescription bare) {
    return withTables(architecture(bare));
  }

  private MachineDescription withTables(MachineDescription bare) {
    MachineDescription description = physBits(bare);
    description = encryption(description);
    description = mtrrs(description);
    return memtypes(description);
  }

  private static MachineDescription architecture(MachineDescription description) {
    String arch =
        switch (System.getProperty("os.arch")) {
          case "aarch64" -> "arm64";
          case "riscv64" -> "riscv64";
          default -> "x86_64";
        };
    return description.with(MachineKey.ARCH.id(), arch);
  }

  private MachineDescription physBits(MachineDescription description) {
    Matcher sizes = ADDRESS_SIZES.matcher(files.apply("proc/cpuinfo").orElse(""));
    return sizes.find() ? description.with(MachineKey.PHYS_BITS.id(), sizes.group(1)) : description;
  }

  /** A guest knows that its memory is encrypted; whether a host uses SME, cpuinfo does not tell. */
  private MachineDescription encryption(MachineDescription description) {
    Matcher flags = FLAGS.matcher(files.apply("proc/cpuinfo").orElse(""));
    boolean guest =
        flags.find() && List.of(flags.group(1).trim().split(" ", -1)).contains("tdx_guest");
    return guest ? description.with(MachineKey.MEM_ENCRYPT.id(), "tdx") : description;
  }

  /**
   * The file lists registers and not the default type. Firmware that sets write-back registers has
   * uncachable as its default, so all that none of them covers is uncachable.
   */
  private MachineDescription mtrrs(MachineDescription description) {
    String registers = files.apply("proc/mtrr").orElse("");
    List<PhysRange> uncachable = new ArrayList<>();
    List<PhysRange> writeBack = new ArrayList<>();
    Matcher register = MTRR.matcher(registers);
    while (register.find()) {
      long unit = register.group(3).equals("KB") ? 1L << 10 : 1L << 20;
      PhysRange range =
          PhysRange.of(
              Long.parseUnsignedLong(register.group(1), 16),
              Long.parseLong(register.group(2)) * unit);
      (register.group(4).equals("write-back") ? writeBack : uncachable).add(range);
    }
    if (uncachable.isEmpty() && writeBack.isEmpty()) {
      return description;
    }
    if (!writeBack.isEmpty()) {
      uncachable.addAll(gaps(writeBack, description.lastAddress()));
    }
    uncachable.sort(Comparator.naturalOrder());
    return description.withMtrrUncachable(uncachable);
  }

  private static List<PhysRange> gaps(List<PhysRange> covered, long last) {
    List<PhysRange> gaps = new ArrayList<>();
    long next = 0;
    for (PhysRange range : covered.stream().sorted().toList()) {
      if (Long.compareUnsigned(range.start(), next) > 0) {
        gaps.add(new PhysRange(next, range.start() - 1));
      }
      if (Long.compareUnsigned(range.endInclusive(), next) >= 0) {
        next = range.endInclusive() + 1;
      }
    }
    if (Long.compareUnsigned(next, last) <= 0) {
      gaps.add(new PhysRange(next, last));
    }
    return gaps;
  }

  /** Needs debugfs, and root. */
  private MachineDescription memtypes(MachineDescription description) {
    Optional<String> list = files.apply("sys/kernel/debug/x86/pat_memtype_list");
    if (list.isEmpty()) {
      return description;
    }
    List<MachineDescription.Memtype> memtypes = new ArrayList<>();
    for (MemtypeEntry entry : MemtypeList.parse(list.get())) {
      memtypes.add(new MachineDescription.Memtype(entry.range(), entry.mode()));
    }
    return description.withMemtypes(memtypes);
  }

  private static Optional<String> text(Path file) {
    try {
      return Optional.of(Files.readString(file));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
