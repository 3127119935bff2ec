// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static dev.memremap.plan.MemremapFlag.WB;
import static dev.memremap.plan.MemremapFlag.WC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.memremap.Device;
import dev.memremap.IoMemory;
import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.resource.PhysRange;
import dev.memremap.spi.HardwareDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is read from the {@code resource} file of each kind of PCI function. Its lines are numbered
 * by the kernel: 0 to 5 are BARs, 6 is the expansion ROM, 7 to 12 are the BARs of all virtual
 * functions together, and 13 to 16 are a bridge's windows. Only BARs are regions of the device.
 */
class PciResourceFileTest {
  private static final String NAME = "0000:05:00.0";
  private static final String NONE = "0x0000000000000000 0x0000000000000000 0x0000000000000000\n";

  @TempDir Path root;
  private Computer computer;

  @BeforeEach
  void assemble() {
    computer = new Computer(root).devMem();
  }

  /**
   * A kind of function.
   *
   * @param resource its file, as the kernel writes it
   * @param bars its BARs: number, range, what it holds
   * @param others memory in the other lines
   */
  record Function(String kind, String resource, List<String> bars, List<String> others) {
    @Override
    public String toString() {
      return kind;
    }

    /** The file as a computer with this function has it, and a file for each BAR. */
    void addTo(Computer computer, String name) {
      computer.pci(name, "8086", "1572");
      String directory = PciDevices.DIRECTORY + name + "/";
      computer.write(directory + "resource", resource);
      String[] lines = resource.split("\n");
      for (int i = 0; i < Math.min(6, lines.length); i++) {
        long flags = Long.decode(lines[i].split(" ")[2]);
        if (flags != 0) {
          computer.memory(directory + "resource" + i, Posix.PAGE);
        }
        if ((flags & 0x2000) != 0) {
          computer.memory(directory + "resource" + i + "_wc", Posix.PAGE);
        }
      }
    }
  }

  private static final Function CARD_WITH_ROM =
      new Function(
          "a card with an expansion ROM",
          """
          0x00000000f7000000 0x00000000f701ffff 0x0000000000040200
          0x0000000000000000 0x0000000000000000 0x0000000000000000
          0x000000000000d000 0x000000000000d01f 0x0000000000040101
          0x00000000f7020000 0x00000000f7023fff 0x0000000000040200
          0x0000000000000000 0x0000000000000000 0x0000000000000000
          0x0000000000000000 0x0000000000000000 0x0000000000000000
          0x00000000f7040000 0x00000000f707ffff 0x0000000000046200
          """
              + NONE.repeat(6),
          List.of("0 f7000000-f701ffff registers", "3 f7020000-f7023fff registers"),
          List.of("f7040000-f707ffff"));

  private static final Function DISPLAY =
      new Function(
          "a display with 64-bit BARs, whose ROM is a copy in RAM",
          """
          0x00000000f6000000 0x00000000f6ffffff 0x0000000000040200
          0x000000e000000000 0x000000e00fffffff 0x000000000014220c
          0x0000000000000000 0x0000000000000000 0x0000000000000000
          0x000000e010000000 0x000000e011ffffff 0x000000000014220c
          0x0000000000000000 0x0000000000000000 0x0000000000000000
          0x000000000000e000 0x000000000000e07f 0x0000000000040101
          0x00000000000c0000 0x00000000000dffff 0x0000000000000212
          """,
          List.of(
              "0 f6000000-f6ffffff registers",
              "1 e000000000-e00fffffff memory",
              "3 e010000000-e011ffffff memory"),
          List.of("c0000-dffff"));

  private static final Function SR_IOV =
      new Function(
          "a physical function with virtual ones",
          """
          0x000000e020000000 0x000000e0207fffff 0x000000000014220c
          0x0000000000000000 0x0000000000000000 0x0000000000000000
          0x0000000000000000 0x0000000000000000 0x0000000000000000
          0x000000e022000000 0x000000e022007fff 0x000000000014220c
          0x0000000000000000 0x0000000000000000 0x0000000000000000
          0x0000000000000000 0x0000000000000000 0x0000000000000000
          0x00000000f7100000 0x00000000f717ffff 0x0000000000046200
          0x000000e021000000 0x000000e0213fffff 0x000000000014220c
          0x0000000000000000 0x0000000000000000 0x0000000000000000
          0x0000000000000000 0x0000000000000000 0x0000000000000000
          0x000000e022100000 0x000000e0221fffff 0x0000000000140204
          0x0000000000000000 0x0000000000000000 0x0000000000000000
          0x00000000f7180000 0x00000000f718ffff 0x0000000000040200
          """,
          List.of("0 e020000000-e0207fffff memory", "3 e022000000-e022007fff memory"),
          List.of(
              "f7100000-f717ffff",
              "e021000000-e0213fffff",
              "e022100000-e0221fffff",
              "f7180000-f718ffff"));

  private static final Function BRIDGE =
      new Function(
          "a bridge with registers of its own and three windows",
          """
          0x00000000f8000000 0x00000000f8000fff 0x0000000000040200
          """
              + NONE.repeat(12)
              + """
              0x000000000000d000 0x000000000000dfff 0x0000000000000101
              0x00000000f7000000 0x00000000f7ffffff 0x0000000000000200
              0x000000e000000000 0x000000e0ffffffff 0x0000000000102201
              0x0000000000000000 0x0000000000000000 0x0000000000000000
              """,
          List.of("0 f8000000-f8000fff registers"),
          List.of("f7000000-f7ffffff", "e000000000-e0ffffffff"));

  private static final Function ROOT_PORT =
      new Function(
          "a bridge without registers, as a kernel without virtual functions numbers its lines",
          NONE.repeat(7)
              + """
              0x000000000000d000 0x000000000000dfff 0x0000000000000101
              0x00000000f7000000 0x00000000f7ffffff 0x0000000000000200
              0x000000e000000000 0x000000e0ffffffff 0x0000000000102201
              0x0000000000000000 0x0000000000000000 0x0000000000000000
              """,
          List.of(),
          List.of("f7000000-f7ffffff", "e000000000-e0ffffffff"));

  private static final Function CARDBUS =
      new Function(
          "a CardBus bridge",
          """
          0x00000000f8100000 0x00000000f8100fff 0x0000000000040200
          """
              + NONE.repeat(12)
              + """
              0x0000000000001000 0x00000000000010ff 0x0000000000000101
              0x0000000000001400 0x00000000000014ff 0x0000000000000101
              0x00000000f4000000 0x00000000f5ffffff 0x0000000000002200
              0x00000000f9000000 0x00000000faffffff 0x0000000000000200
              """,
          List.of("0 f8100000-f8100fff registers"),
          List.of("f4000000-f5ffffff", "f9000000-faffffff"));

  private static final Function PORTS =
      new Function(
          "a controller with five BARs of ports and one of memory",
          """
          0x000000000000f070 0x000000000000f077 0x0000000000040101
          0x000000000000f060 0x000000000000f063 0x0000000000040101
          0x000000000000f050 0x000000000000f057 0x0000000000040101
          0x000000000000f040 0x000000000000f043 0x0000000000040101
          0x000000000000f020 0x000000000000f03f 0x0000000000040101
          0x00000000f7316000 0x00000000f73167ff 0x0000000000040200
          0x0000000000000000 0x0000000000000000 0x0000000000000000
          """,
          List.of("5 f7316000-f73167ff registers"),
          List.of());

  private static final Function UNPLACED =
      new Function(
          "a function for two of whose BARs the kernel found no room, and one it switched off",
          """
          0x0000000000000000 0x000000000fffffff 0x000000002014220c
          0x0000000000000000 0x0000000000000000 0x0000000000000000
          0x0000000000000000 0x0000000000000fff 0x0000000020040200
          0x00000000f7317000 0x00000000f7317fff 0x0000000000040200
          0x00000000f7318000 0x00000000f7318fff 0x0000000010040200
          0x0000000000000000 0x0000000000000000 0x0000000000000000
          0x0000000000000000 0x000000000001ffff 0x0000000020046200
          """,
          List.of("3 f7317000-f7317fff registers"),
          List.of("f7318000-f7318fff"));

  static Stream<Function> functions() {
    return Stream.of(CARD_WITH_ROM, DISPLAY, SR_IOV, BRIDGE, ROOT_PORT, CARDBUS, PORTS, UNPLACED);
  }

  private static PhysRange range(String text) {
    String[] edges = text.split("-");
    return new PhysRange(
        Long.parseUnsignedLong(edges[0], 16), Long.parseUnsignedLong(edges[1], 16));
  }

  private static PhysRange rangeOf(String bar) {
    return range(bar.split(" ")[1]);
  }

  private static int numberOf(String bar) {
    return Integer.parseInt(bar.split(" ")[0]);
  }

  private Routes look() {
    return Routes.find(new Sysfs(root), new Posix(computer.calls), Set.of(), () -> null);
  }

  @ParameterizedTest
  @MethodSource("functions")
  @DisplayName("a function's regions are its memory BARs, by their numbers, and nothing else")
  void regions(Function function) {
    function.addTo(computer, NAME);
    List<String> regions =
        look().devices().stream()
            .flatMap(device -> device.regions().stream())
            .map(PciResourceFileTest::region)
            .toList();
    assertThat(regions).isEqualTo(function.bars());
    assertThat(new PciDevices(new Sysfs(root)).bars(NAME))
        .extracting(PciDevices.Bar::index)
        .isEqualTo(function.bars().stream().map(PciResourceFileTest::numberOf).toList());
  }

  private static String region(HardwareDevice.Region region) {
    return "%d %x-%x %s"
        .formatted(
            region.index(),
            region.range().start(),
            region.range().endInclusive(),
            region.sideEffects() ? "registers" : "memory");
  }

  @ParameterizedTest
  @MethodSource("functions")
  @DisplayName("LIB-6 routes lead to memory BARs alone, the write-combining one first")
  void routes(Function function) {
    function.addTo(computer, NAME);
    List<String> expected = new ArrayList<>();
    for (String bar : function.bars()) {
      String file = "/%s%s/resource%d".formatted(PciDevices.DIRECTORY, NAME, numberOf(bar));
      if (bar.endsWith("memory")) {
        expected.add(rangeOf(bar) + " " + file + "_wc");
      }
      expected.add(rangeOf(bar) + " " + file);
    }
    assertThat(look().routes())
        .extracting(route -> route.range() + " " + route.name())
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("functions")
  @DisplayName("a BAR is asked for by its number; other numbers are refused with those there are")
  void bar(Function function) {
    function.addTo(computer, NAME);
    try (Machine machine = computer.machine()) {
      if (function.bars().isEmpty()) {
        assertThat(machine.hardware()).isEmpty();
        return;
      }
      Device device = machine.device(NAME);
      List<Integer> numbers = function.bars().stream().map(bar -> numberOf(bar)).toList();
      String listed = numbers.stream().map(String::valueOf).collect(Collectors.joining(", "));
      for (int number = 0; number < 20; number++) {
        int index = numbers.indexOf(number);
        int asked = number;
        if (index >= 0) {
          assertThat(device.bar(number)).isEqualTo(rangeOf(function.bars().get(index)));
        } else {
          assertThatIllegalArgumentException()
              .isThrownBy(() -> device.bar(asked))
              .withMessageEndingWith("no memory region %d; it has %s", number, listed);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("functions")
  @DisplayName("memory in the other lines belongs to no region: only /dev/mem leads there")
  void others(Function function) {
    function.addTo(computer, NAME);
    Routes routes = look();
    try (Machine machine = computer.machine()) {
      for (String other : function.others()) {
        PhysRange range = range(other);
        assertThat(routes.to(range)).isEmpty();
        assertThat(routes.into(range)).isEmpty();
        assertThat(routes.deviceAt(range)).isNull();
        try (Mapping mapping = machine.memremap(range, WB)) {
          assertThat(mapping.backing()).as(other).isEqualTo("/dev/mem");
        }
      }
    }
  }

  @Test
  @DisplayName("LIB-7 a BAR behind a bridge is its device's, whatever window it lies in")
  void behindBridges() {
    BRIDGE.addTo(computer, "0000:00:1c.0");
    DISPLAY.addTo(computer, NAME);
    CARD_WITH_ROM.addTo(computer, "0000:06:00.0");
    PhysRange frames = range("e000000000-e00fffffff");
    PhysRange registers = range("f7000000-f701ffff");
    assertThat(look().deviceAt(frames)).extracting(HardwareDevice::name).isEqualTo(NAME);
    try (Machine machine = computer.machine();
        Mapping mapping = machine.memremap(frames, WC);
        IoMemory mapped = machine.ioremap(registers)) {
      assertThat(mapping.backing()).endsWith(NAME + "/resource1_wc");
      assertThat(mapped.backing()).endsWith("0000:06:00.0/resource0");
    }
  }
}
