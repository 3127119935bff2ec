// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.cli.json.JsonDocument;
import dev.memremap.cli.terminal.ExitStatus;
import dev.memremap.cli.terminal.StandardStreams;
import dev.memremap.cli.terminal.UsageException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code memremap read}. */
@Command(
    name = "read",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = ExitStatus.HEADING,
    exitCodeList = {
      ExitStatus.OK_TEXT,
      ExitStatus.REFUSED_IF + "The read is refused.",
      ExitStatus.UNUSABLE_TEXT,
      ExitStatus.OUTPUT_LOST_TEXT,
      ExitStatus.INTERRUPTED_TEXT
    },
    description = {
      "Read memory: one number, a dump of several, or raw bytes into a file.",
      "On this computer registers are read only with --ioremap, for reading may change them.",
      "A simulated machine's memory begins as zeros with each command."
    })
final class ReadCommand implements Callable<Integer> {
  private static final long MOST_BYTES = 1L << 30;

  @Spec private CommandSpec spec;
  @Mixin private AccessOptions access;

  @Parameters(
      index = "0",
      paramLabel = "WHERE",
      description =
          "The first byte's physical address, such as 0x40000000; a range, which says how many"
              + " words are read: START+SIZE, or START-END in hexadecimal; or DEVICE/BAR+OFFSET,"
              + " such as 0000:03:00.0/0+0x10.")
  private String where = "";

  @Option(
      names = {"-n", "--count"},
      paramLabel = "N",
      converter = Words.Amount.class,
      description = "How many words. Default: 1, or those of the range.")
  private @Nullable Long count;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Write the raw bytes to this file; '-' is standard output.")
  private @Nullable Path output;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  ReadCommand() {
    this.access = new AccessOptions();
  }

  @Override
  public Integer call() {
    if (json && output != null) {
      throw new UsageException(
          "--output writes raw bytes and --json prints numbers: give one of the two");
    }
    Where place = Where.parse(where);
    if (count != null) {
      requireInOneGo(count);
    }
    try (Machine machine = access.open()) {
      Where.Spot spot = sized(place.on(machine));
      access.warnOfHole(machine, spot, spec.commandLine().getErr());
      try (Window window = access.map(machine, spot.start(), spot.size())) {
        show(window, spot);
      }
    }
    return ExitStatus.OK;
  }

  private void requireInOneGo(long words) {
    long most = MOST_BYTES / access.widthBytes();
    if (words == 0 || Long.compareUnsigned(words, most) > 0) {
      throw new UsageException(
          "--count %s: read 1 to %d words of %d bits at once"
              .formatted(Long.toUnsignedString(words), most, access.widthBits()));
    }
  }

  /** The place with the size that is read: so many words, or the size that it was named with. */
  private Where.Spot sized(Where.Spot spot) {
    if (spot.extent() != Where.Extent.GIVEN) {
      return spot.sized((count == null ? 1 : count) * access.widthBytes());
    }
    if (count != null) {
      throw new UsageException("%s says how much is read; leave --count out".formatted(where));
    }
    if (Long.remainderUnsigned(spot.size(), access.widthBytes()) != 0) {
      throw new UsageException(
          "%s has 0x%x bytes, which are not a whole number of %d-bit words; give another --width"
              .formatted(where, spot.size(), access.widthBits()));
    }
    requireInOneGo(Long.divideUnsigned(spot.size(), access.widthBytes()));
    return spot;
  }

  private void show(Window window, Where.Spot spot) {
    PrintWriter out = spec.commandLine().getOut();
    if (output != null) {
      byte[] bytes = window.bytes(access.widthBits());
      if (access.isSimulated()) {
        StandardStreams.write(output, bytes, out);
      } else {
        // Linux shows this memory to root alone
        StandardStreams.writeForOwner(output, bytes, out);
      }
    } else if (json) {
      out.println(toJson(window, spot));
    } else if (spot.size() == access.widthBytes()) {
      out.println(access.word(window.load(0, access.widthBits())));
    } else {
      HexDump.lines(spot.start(), window.bytes(access.widthBits()), access.widthBytes())
          .forEach(out::println);
    }
  }

  private String toJson(Window window, Where.Spot spot) {
    ObjectNode node = access.document("read", spot, window);
    ArrayNode words = node.putArray("words");
    for (long at = 0; at < spot.size(); at += access.widthBytes()) {
      words.add(access.word(window.load(at, access.widthBits())));
    }
    access.addRemarks(node);
    return JsonDocument.text(node);
  }
}
