// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import dev.memremap.cache.MemtypeEntry;
import dev.memremap.cache.MemtypeList;
import dev.memremap.internal.kernel.KernelChange;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.internal.teardown.Log;
import dev.memremap.machine.MachineDescription.Origin;
import dev.memremap.resource.IomemText;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceKind;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.rule.Fact;
import dev.memremap.spi.IoReason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a running Linux tells about its machine: the resource tree, the width of addresses,
 * the MTRRs, and what the kernel has mapped itself. What cannot be read keeps its default.
 *
 * @param root where {@code /proc} and {@code /sys} are
 * @param jvmArchitecture what the JVM calls the processor's architecture
 * @param files the text of a file by its path below the root; empty for one that cannot be read
 */
record HostTables(Path root, String jvmArchitecture, Function<String, Optional<String>> files) {
  private static final Pattern ADDRESS_SIZES =
      Pattern.compile("^address sizes\\s*:\\s*([0-9]+) bits physical", Pattern.MULTILINE);
  private static final Pattern FLAGS = Pattern.compile("^flags\\s*:(.*)$", Pattern.MULTILINE);
  private static final Pattern VENDOR =
      Pattern.compile("^vendor_id\\s*:\\s*(\\S+)", Pattern.MULTILINE);
  private static final Set<String> WITH_TOM2 = Set.of("AuthenticAMD", "HygonGenuine");

  /** How many of the lines that were skipped are shown. */
  private static final int MAX_SKIPPED = 3;

  /** The type of the page size in an auxiliary vector. */
  private static final long AT_PAGESZ = 6;

  /** The tables of the Linux that this JVM runs on. */
  HostTables(Path root) {
    this(root, System.getProperty("os.arch", "unknown"));
  }

  HostTables(Path root, String jvmArchitecture) {
    this(root, jvmArchitecture, path -> text(root.resolve(path)));
  }

  /** A machine with the facts that copies of such files tell. */
  static MachineDescription facts(
      MachineDescription machine, Function<String, Optional<String>> files) {
    HostTables tables = new HostTables(Path.of("/"), "unknown", files);
    return tables.withLists(tables.physBits(machine));
  }

  /** All that can be read. */
  MachineDescription read() {
    Path iomem = root.resolve("proc/iomem");
    MachineDescription description;
    try (InputStream in = Files.newInputStream(iomem)) {
      description = MachineDescription.of(IomemText.parse(in, "/proc/iomem", 1));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "/proc/iomem cannot be read (" + IoReason.of(e) + "); this needs Linux, and root", e);
    }
    return withFacts(description);
  }

  /** What can be read without privilege, with a resource tree from elsewhere. */
  MachineDescription readWithout(Resource root) {
    return withFacts(MachineDescription.of(root));
  }

  private MachineDescription withFacts(MachineDescription bare) {
    MachineDescription description = kernel(architecture(bare));
    description = softReserved(withLists(physBitsIfSensible(pageSize(description))));
    return description
        .with(Fact.BARS, from("/sys/bus/pci/devices"))
        .with(Fact.DRIVERS, from("/sys/bus/pci/devices"));
  }

  private MachineDescription withLists(MachineDescription bare) {
    MachineDescription description = encryption(bare);
    if (description.architecture() == Architecture.X86_64) {
      description = memtypes(mtrrs(description));
    }
    return description;
  }

  private static Origin from(String file) {
    return new Origin(Fact.Source.READ, file);
  }

  /** C-19: a computer is x86_64 only if the JVM on it says so. */
  private MachineDescription architecture(MachineDescription description) {
    Architecture architecture =
        Architecture.of(jvmArchitecture)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "this JVM calls the architecture %s, which no Linux known here runs on"
                            .formatted(jvmArchitecture)));
    return description.with(MachineKey.ARCH, architecture.id(), from("uname -m"));
  }

  private MachineDescription kernel(MachineDescription description) {
    String release = files.apply("proc/sys/kernel/osrelease").orElse("").strip();
    try {
      return description.with(MachineKey.KERNEL, release, from("uname -r"));
    } catch (IllegalArgumentException unreadable) {
      return description;
    }
  }

  /** The auxiliary vector of any process names the size: pairs of a type and a value. */
  private MachineDescription pageSize(MachineDescription description) {
    ByteBuffer pairs = ByteBuffer.wrap(bytes("proc/self/auxv")).order(ByteOrder.nativeOrder());
    while (pairs.remaining() >= 2 * Long.BYTES) {
      long type = pairs.getLong();
      long value = pairs.getLong();
      if (type == AT_PAGESZ) {
        boolean known = value == 4096 || value == 16384 || value == 65536;
        return known
            ? description.with(MachineKey.PAGES, value / 1024 + "K", from("/proc/self/auxv"))
            : description;
      }
    }
    return description;
  }

  private MachineDescription physBits(MachineDescription description) {
    Matcher sizes = ADDRESS_SIZES.matcher(files.apply("proc/cpuinfo").orElse(""));
    return sizes.find()
        ? description.with(MachineKey.PHYS_BITS, sizes.group(1), from("/proc/cpuinfo"))
        : description;
  }

  /** Ignores an impossible width, so that the rest can still be read. */
  private MachineDescription physBitsIfSensible(MachineDescription description) {
    try {
      return physBits(description);
    } catch (IllegalArgumentException odd) {
      withoutOdd("/proc/cpuinfo", List.of(String.valueOf(odd.getMessage())));
      return description;
    }
  }

  /** A guest knows that its memory is encrypted; whether a host uses SME, cpuinfo does not tell. */
  private MachineDescription encryption(MachineDescription description) {
    Matcher flags = FLAGS.matcher(files.apply("proc/cpuinfo").orElse(""));
    boolean guest =
        flags.find() && List.of(flags.group(1).trim().split(" ", -1)).contains("tdx_guest");
    return guest
        ? description.with(MachineKey.MEM_ENCRYPT, "tdx", from("/proc/cpuinfo"))
        : description;
  }

  /** Without the file nothing is known; an empty one says that the registers are off. */
  private MachineDescription mtrrs(MachineDescription description) {
    Optional<String> text = files.apply("proc/mtrr");
    if (text.isEmpty()) {
      return description;
    }
    MtrrText read = MtrrText.parse(text.get());
    MachineDescription.Mtrrs mtrrs =
        read.toMtrrs(
            description.lastAddress(),
            mayHaveTom2() ? AssumedMtrrs.writeBackByTom2(description.root()) : List.of());
    Origin origin = from(withoutOdd("/proc/mtrr", read.odd()));
    return mtrrs == null ? description : description.withMtrrs(mtrrs, origin);
  }

  /** Only AMD's processors, and those made after them, have TOM2. */
  private boolean mayHaveTom2() {
    Matcher vendor = VENDOR.matcher(files.apply("proc/cpuinfo").orElse(""));
    return !vendor.find() || WITH_TOM2.contains(vendor.group(1));
  }

  /** Needs debugfs, and root. */
  private MachineDescription memtypes(MachineDescription description) {
    Optional<String> list = files.apply("sys/kernel/debug/x86/pat_memtype_list");
    if (list.isEmpty()) {
      return description;
    }
    List<MachineDescription.Memtype> memtypes = new ArrayList<>();
    List<String> odd = new ArrayList<>();
    int number = 0;
    for (String line : list.get().lines().toList()) {
      number++;
      try {
        for (MemtypeEntry entry : MemtypeList.parse(line)) {
          memtypes.add(new MachineDescription.Memtype(entry.range(), entry.mode()));
        }
      } catch (IllegalArgumentException noEntry) {
        odd.add(MtrrText.oddLine(number, line));
      }
    }
    return description.withMemtypes(memtypes, from(withoutOdd("pat_memtype_list", odd)));
  }

  /** A list's name, and the first lines of it that were skipped, which the log says as well. */
  private static String withoutOdd(String file, List<String> odd) {
    if (odd.isEmpty()) {
      return file;
    }
    String first = String.join("; ", odd.subList(0, Math.min(odd.size(), MAX_SKIPPED)));
    String more =
        odd.size() > MAX_SKIPPED ? "; and %d more".formatted(odd.size() - MAX_SKIPPED) : "";
    String skipped = "%s (skipped: %s%s)".formatted(file, first, more);
    Log.warn(skipped + ": what is not understood there is left out");
    return skipped;
  }

  /**
   * Since 7.0 no file of {@code /proc} lists what firmware leaves for a driver; the firmware's own
   * list does, as root sees it. What the map lists all the same is not said twice.
   */
  private MachineDescription softReserved(MachineDescription description) {
    if (!KernelRules.choose(description.kernel()).rules().has(KernelChange.SOFT_RESERVE_TREE)
        || description.architecture() != Architecture.X86_64) {
      return description;
    }
    ResourceSnapshot listed = new ResourceSnapshot(description.root());
    List<PhysRange> ranges = new ArrayList<>();
    for (int i = 0; ; i++) {
      String entry = "sys/firmware/memmap/" + i + "/";
      String type = files.apply(entry + "type").orElse("").strip();
      if (type.isEmpty()) {
        return i == 0
            ? description
            : new MachineParts(description)
                .softReserved(ranges)
                .origin(Fact.SOFT_RESERVED, from("/sys/firmware/memmap"))
                .machine();
      }
      if (type.equalsIgnoreCase("Soft Reserved")) {
        PhysRange range = firmwareRange(entry);
        if (range != null
            && listed.pathTo(range.start()).stream()
                .noneMatch(resource -> resource.kind() == ResourceKind.SOFT_RESERVED)) {
          ranges.add(range);
        }
      }
    }
  }

  private @Nullable PhysRange firmwareRange(String entry) {
    try {
      return new PhysRange(firmwareAddress(entry + "start"), firmwareAddress(entry + "end"));
    } catch (IllegalArgumentException odd) {
      withoutOdd(entry, List.of(String.valueOf(odd.getMessage())));
      return null;
    }
  }

  private long firmwareAddress(String path) {
    String text = files.apply(path).orElse("").strip();
    return Long.parseUnsignedLong(text.startsWith("0x") ? text.substring(2) : text, 16);
  }

  private byte[] bytes(String path) {
    try {
      return Files.readAllBytes(root.resolve(path));
    } catch (IOException e) {
      return new byte[0];
    }
  }

  private static Optional<String> text(Path file) {
    try {
      return Optional.of(Files.readString(file));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
