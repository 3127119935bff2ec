// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import dev.memremap.conformance.generator.Terrain;
import dev.memremap.resource.PhysRange;
import dev.memremap.scenario.Arguments;
import dev.memremap.scenario.Kernel;
import dev.memremap.scenario.Scenario;
import dev.memremap.scenario.ScenarioSyntaxException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A guest whose physical memory is laid out as a machine file says.
 *
 * <p>Thread safety: immutable.
 */
public enum JudgeMachine {
  /** 2 GiB: legacy persistent memory of 256 MiB at 1 GiB, 16 MiB reserved, a BAR of 16 MiB. */
  QEMU_2G(
      "qemu-2g.iomem",
      2048,
      "memmap=0x10000000!0x40000000 memmap=0x1000000$0x5e000000",
      "0x40000000+0x10000000,0x5e000000+0x1000000,0xfd000000+0x1000000",
      "0x7ffe0000+0x2000:WB,0xfed00000+0x1000:UC-",
      "0x80000000+0x80000000"),

  /** 3 GiB: memory of other kinds that shares its sections with RAM. */
  QEMU_3G(
      "qemu-3g.iomem",
      3072,
      "memmap=0x4000000!0x46200000 memmap=0x200000$0x90200000",
      "0x46200000+0x4000000,0x90200000+0x200000,0xfd000000+0x1000000",
      "0xbffe0000+0x2000:WB,0xfed00000+0x1000:UC-",
      "0xc0000000+0x40000000");

  /** The RAM that a scenario may write: the module takes it from the kernel. */
  private static final String RAM = "0x60000000+0x1000000";

  /** The display's old window, uncachable by the fixed MTRRs of the guest's firmware. */
  private static final String DISPLAY = "0xa0000+0x20000";

  private static final int PHYS_BITS = 40;
  private static final int SIZE_OF_BAR = 16 << 20;

  private final String file;
  private final long mebibytes;
  private final String memmap;
  private final String memory;
  private final String memtypes;
  private final String uncachable;

  JudgeMachine(
      String file,
      long mebibytes,
      String memmap,
      String memory,
      String memtypes,
      String uncachable) {
    this.file = file;
    this.mebibytes = mebibytes;
    this.memmap = memmap;
    this.memory = memory;
    this.memtypes = memtypes;
    this.uncachable = uncachable;
  }

  /** The text of its machine file. */
  public String iomem() {
    try (InputStream in = JudgeMachine.class.getResourceAsStream(file)) {
      return new String(Objects.requireNonNull(in, file).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The one that a scenario's machine file describes; empty if it describes none of them. */
  public static Optional<JudgeMachine> of(Scenario scenario) {
    Arguments.Machine machine = scenario.machine();
    Path description = scenario.path().resolveSibling(machine.spec());
    if (machine.isHost() || !Files.isRegularFile(description)) {
      return Optional.empty();
    }
    try {
      String text = Files.readString(description);
      return Stream.of(values())
          .filter(known -> known.iomem().equals(text) && known.has(machine.settings()))
          .findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The one that a scenario's machine file describes.
   *
   * @throws ScenarioSyntaxException if it describes none of them
   */
  public static JudgeMachine required(Scenario scenario) {
    return of(scenario)
        .orElseThrow(
            () ->
                new ScenarioSyntaxException(
                    scenario.path().toString(),
                    scenario.machineLine(),
                    scenario.machine().specColumn(),
                    "no guest has this machine: a kernel answers only for "
                        + String.join(" and ", Stream.of(values()).map(one -> one.file).toList())
                        + ", as they came with the recorded scenarios"));
  }

  /**
   * The one of this name.
   *
   * @param name {@code qemu-2g} or {@code qemu-3g}
   * @throws IllegalArgumentException for any other name
   */
  public static JudgeMachine named(String name) {
    return Stream.of(values())
        .filter(known -> known.file.equals(name + ".iomem"))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no guest '%s'; the guests are qemu-2g and qemu-3g".formatted(name)));
  }

  private boolean has(List<Arguments.Machine.Setting> settings) {
    return settings.stream()
        .allMatch(
            setting ->
                switch (setting.key()) {
                  case "phys-bits" -> setting.value().equals(Integer.toString(PHYS_BITS));
                  case "memtype" -> setting.value().equals(memtypes);
                  // answers are those of whichever kernel is asked
                  case "kernel" -> true;
                  case "mtrr-uc" -> setting.value().equals(DISPLAY + "," + uncachable);
                  default -> false;
                });
  }

  /**
   * What a machine line says beside the file. Kernels before 6.5 ask a fixed MTRR for the first
   * page only: a range that ends in the display's window is as its beginning is, and one that
   * begins there is in the ISA hole. For them these registers are not there. A machine follows 6.1
   * if nothing is said.
   */
  String settings(Kernel kernel) {
    String both = "phys-bits=%d memtype=%s".formatted(PHYS_BITS, memtypes);
    String mtrrs = kernel.isAtLeast(6, 5) ? " mtrr-uc=" + DISPLAY + "," + uncachable : "";
    return both + mtrrs + (kernel.isFollowed() ? "" : " kernel=" + kernel.version());
  }

  /** The guest, to be added to. The file behind its BAR is among its temporary ones. */
  GuestMachine.Builder guest(GuestKernel kernel) {
    return GuestMachine.builder(kernel)
        .i440fx()
        .memory(mebibytes << 20)
        // grace periods of one processor are short, and nothing runs beside the scenario
        .processors(1)
        .ivshmem(SIZE_OF_BAR)
        .edu()
        .kernelArgument(memmap)
        // addresses end at 2^46; an oops ends the guest; warnings are the scenario's to provoke
        .kernelArgument("no5lvl oops=panic loglevel=4");
  }

  /**
   * Where on it scenarios go. Writes its machine file into their directory unless it is there.
   *
   * @param directory where the scenarios belong
   * @param kernel the kernel that is to answer them
   */
  public Terrain terrain(Path directory, Kernel kernel) {
    try {
      Files.createDirectories(directory);
      Path description = directory.resolve(file);
      if (!Files.exists(description)) {
        Files.writeString(description, iomem());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<PhysRange> scratch =
        Stream.concat(Stream.of(RAM), Stream.of(memory.split(",", -1)))
            .map(PhysRange::parse)
            .toList();
    return Terrain.of(directory, file, settings(kernel), scratch);
  }

  /** What the module is told about memory that a scenario may write. */
  List<String> moduleParameters() {
    return List.of("memory=" + memory, "ram=" + RAM);
  }

  /**
   * What of a guest's {@code /proc/iomem} and {@code pat_memtype_list} is not as said here; empty
   * if all is. Of the map only the top level above 1 MiB is looked at: what lies below belongs to
   * the firmware, what lies within RAM to the kernel's build. Nor is the local APIC: kernels since
   * 6.7 mean to list it and do not, and no RAM is near that would make the difference seen.
   *
   * @param told the guest's two files, one after the other
   */
  Optional<String> differsFrom(String told) {
    List<String> wanted = outline(iomem());
    List<String> found = outline(told);
    if (!wanted.equals(found)) {
      return Optional.of(
          "the guest's memory map is %s, but %s says %s".formatted(found, file, wanted));
    }
    String mapped = GuestMemtypes.of(told);
    return mapped.equals(memtypes)
        ? Optional.empty()
        : Optional.of(
            "the guest's kernel has mapped %s itself, but %s goes by %s"
                .formatted(mapped, this, memtypes));
  }

  private static List<String> outline(String iomem) {
    return iomem
        .lines()
        .filter(line -> line.matches("[0-9a-f]+-[0-9a-f]+ : .*"))
        .filter(line -> !line.endsWith(" : Local APIC"))
        .filter(line -> Long.parseUnsignedLong(line, 0, line.indexOf('-'), 16) >= 1 << 20)
        .toList();
  }
}
