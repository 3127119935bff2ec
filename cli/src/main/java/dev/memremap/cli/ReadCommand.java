// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.cli.terminal.ExitStatus;
import dev.memremap.cli.terminal.StandardStreams;
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
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code memremap read}. */
@Command(
    name = "read",
    mixinStandardHelpOptions = true,
    sortOptions = false,
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
      paramLabel = "OFFSET",
      converter = Words.Amount.class,
      description = "The first byte's physical address.")
  private long offset;

  @Option(
      names = {"-n", "--count"},
      paramLabel = "N",
      defaultValue = "1",
      converter = Words.Amount.class,
      description = "How many words. Default: ${DEFAULT-VALUE}.")
  private long count = 1;

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
      throw new IllegalArgumentException(
          "--output writes raw bytes and --json prints numbers: give one of the two");
    }
    long most = MOST_BYTES / access.widthBytes();
    if (count == 0 || Long.compareUnsigned(count, most) > 0) {
      throw new IllegalArgumentException(
          "--count %s: read 1 to %d words of %d bits at once"
              .formatted(Long.toUnsignedString(count), most, access.widthBits()));
    }
    try (Machine machine = access.openToRead();
        Window window = access.map(machine, offset, count * access.widthBytes())) {
      show(window);
    }
    return ExitStatus.OK;
  }

  private void show(Window window) {
    PrintWriter out = spec.commandLine().getOut();
    if (output != null) {
      StandardStreams.write(output, window.bytes(access.widthBits()), out);
    } else if (json) {
      out.println(toJson(window));
    } else if (count == 1) {
      out.println(word(window.load(0, access.widthBits())));
    } else {
      HexDump.lines(offset, window.bytes(access.widthBits()), access.widthBytes())
          .forEach(out::println);
    }
  }

  private String word(long value) {
    return ("0x%0" + access.widthBits() / 4 + "x").formatted(value);
  }

  private String toJson(Window window) {
    JsonMapper mapper = JsonMapper.shared();
    ObjectNode node = mapper.createObjectNode();
    node.put("offset", "0x" + Long.toHexString(offset));
    node.put("mode", window.mode().symbol());
    node.put("direct", window.isDirect());
    node.put("width", access.widthBits());
    ArrayNode words = node.putArray("words");
    for (long i = 0; i < count; i++) {
      words.add(word(window.load(i * access.widthBytes(), access.widthBits())));
    }
    access.addRemarks(node);
    return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(node);
  }
}
