// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.cli.json.JsonDocument;
import dev.memremap.cli.json.RangeJson;
import dev.memremap.cli.terminal.UsageException;
import dev.memremap.resource.PhysRange;
import java.io.PrintWriter;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** What reading and writing share: where, how wide, and through which mapping. */
final class AccessOptions {
  private static final long ALL_TYPES = 7;

  @Mixin private MachineOption machine = new MachineOption();

  @Option(
      names = {"-w", "--width"},
      paramLabel = "BITS",
      defaultValue = "32",
      description = "8, 16, 32 or 64; numbers are little-endian. Default: ${DEFAULT-VALUE}.")
  private int width = 32;

  /** One way or the other. */
  static final class Way {
    @Option(
        names = "--mode",
        paramLabel = "FLAGS",
        converter = Words.Flags.class,
        description =
            "Map it with memremap: the mapping types that may serve, tried in the order WB, WT, WC."
                + " Default: WB|WT|WC.")
    private Optional<Long> flags = Optional.empty();

    @Option(
        names = "--ioremap",
        description =
            "Map it with ioremap, as registers need: uncached, each word accessed once, whole and"
                + " in order.")
    private boolean ioremap;
  }

  @ArgGroup(exclusive = true, multiplicity = "0..1")
  private Way way = new Way();

  @Mixin private HostPermissions.ToMap permissions = new HostPermissions.ToMap();

  private boolean hole;

  Machine open() {
    return machine.withBytes(permissions);
  }

  /** Whether the bytes are simulated, and gone with the command. */
  boolean isSimulated() {
    return !machine.isHost();
  }

  /** Adds what there is to say about the machine's files to a document. */
  void addRemarks(ObjectNode node) {
    machine.addRemarks(node);
  }

  /** The beginning of a document about an access: where it was, and through which mapping. */
  ObjectNode document(String command, Where.Spot spot, Window window) {
    ObjectNode node = JsonDocument.of(command);
    RangeJson.fill(node.putObject("range"), spot.start(), spot.size());
    node.put("hole", hole);
    node.put("mode", window.mode().symbol());
    node.put("direct", window.isDirect());
    node.put("width", widthBits());
    node.put("simulated", isSimulated());
    return node;
  }

  /** Whether the machine is read from standard input. */
  boolean readsStandardInput() {
    return machine.readsStandardInput();
  }

  boolean isThroughIoremap() {
    return way.ioremap;
  }

  /** The bytes, mapped as was asked. */
  Window map(Machine on, long offset, long size) {
    if (!way.ioremap) {
      return new Window.OfMemory(on.memremap(offset, size, way.flags.orElse(ALL_TYPES)));
    }
    return new Window.OfRegisters(on.ioremap(PhysRange.of(offset, size)));
  }

  /** Says so on standard error if no resource lies at a place. */
  void warnOfHole(Machine machine, Where.Spot spot, PrintWriter errors) {
    hole = Listed.isHole(machine, spot);
    if (hole) {
      errors.println("memremap: " + Listed.nothingAt(spot));
      errors.flush();
    }
  }

  /** A word as it is printed, with all its digits. */
  String word(long value) {
    return ("0x%0" + widthBits() / 4 + "x").formatted(value);
  }

  int widthBits() {
    if (width != 8 && width != 16 && width != 32 && width != 64) {
      throw new UsageException("--width %d: a word has 8, 16, 32 or 64 bits".formatted(width));
    }
    return width;
  }

  int widthBytes() {
    return widthBits() / Byte.SIZE;
  }
}
