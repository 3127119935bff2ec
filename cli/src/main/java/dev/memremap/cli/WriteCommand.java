// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.cli.terminal.ExitStatus;
import dev.memremap.cli.terminal.RefusedException;
import dev.memremap.cli.terminal.StandardStreams;
import dev.memremap.cli.terminal.UsageException;
import dev.memremap.resource.Intersection;
import dev.memremap.resource.Memparse;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code memremap write}. */
@Command(
    name = "write",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = ExitStatus.HEADING,
    exitCodeList = {
      ExitStatus.OK_TEXT,
      ExitStatus.REFUSED_IF + "The write is refused, or --verify reads back another value.",
      ExitStatus.UNUSABLE_TEXT,
      ExitStatus.OUTPUT_LOST_TEXT,
      ExitStatus.INTERRUPTED_TEXT
    },
    description = {
      "Write numbers, or a file's raw bytes, to memory.",
      "System RAM belongs to whoever runs on the machine, and is written only with --force-ram. A"
          + " simulated machine's memory is gone when the command ends."
    })
final class WriteCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private AccessOptions access;

  @Parameters(
      index = "0",
      paramLabel = "WHERE",
      description =
          "The first byte's physical address, such as 0x40000000; a range that what is written has"
              + " to fill: START+SIZE, or START-END in hexadecimal; or DEVICE/BAR+OFFSET, such as"
              + " 0000:03:00.0/0+0x10.")
  private String where = "";

  @Parameters(
      index = "1..*",
      paramLabel = "VALUE",
      description = "Numbers to write one after the other.")
  private List<String> words = List.of();

  private List<Long> values = List.of();

  @Option(
      names = {"-i", "--input"},
      paramLabel = "FILE",
      description = "Write this file's raw bytes instead; '-' takes those of standard input.")
  private @Nullable Path input;

  @Option(
      names = "--persist",
      description =
          "Return when the bytes are on the media; refused where that cannot be promised.")
  private boolean persist;

  @Option(
      names = "--verify",
      description = "Read what was written back and print it; exit with 1 if it is another value.")
  private boolean verify;

  @Option(
      names = "--force-ram",
      description = "Write System RAM, which belongs to whoever runs on the machine.")
  private boolean forceRam;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  WriteCommand() {
    this.access = new AccessOptions();
  }

  @Override
  public Integer call() {
    values = words.stream().map(WriteCommand::value).toList();
    requireUsable();
    Where place = Where.parse(where);
    requireFits();
    byte[] bytes = input == null ? null : StandardStreams.read(input);
    long size = bytes == null ? (long) values.size() * access.widthBytes() : bytes.length;
    try (Machine machine = access.open()) {
      Where.Spot spot = filled(place.on(machine), size);
      access.warnOfHole(machine, spot, spec.commandLine().getErr());
      requireNotRam(machine, spot);
      try (Window window = access.map(machine, spot.start(), size)) {
        write(window, bytes);
        Written written = new Written(spot, access, persist, verify ? check(window, bytes) : null);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
          out.println(written.toJson(window));
        } else {
          written.lines(window).forEach(out::println);
        }
        return written.isAsWritten() ? ExitStatus.OK : ExitStatus.REFUSED;
      }
    }
  }

  /** A number; picocli would leave any other word over. */
  private static long value(String word) {
    try {
      return Memparse.parseAnyCase(word);
    } catch (NumberFormatException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    }
  }

  private void requireUsable() {
    if ((input == null) == values.isEmpty()) {
      throw new UsageException("give either numbers to write or --input FILE");
    }
    boolean wide = spec.commandLine().getParseResult().hasMatchedOption("--width");
    if (input != null && wide && !access.isThroughIoremap()) {
      throw new UsageException(
          "--width counts for numbers and for registers (--ioremap), and --input writes raw bytes"
              + " to memory; leave it out");
    }
    if (input != null && StandardStreams.isDash(input) && access.readsStandardInput()) {
      throw new UsageException(
          "both --input and the machine are '-', and standard input can be read once; put one of"
              + " the two into a file");
    }
  }

  private Where.Spot filled(Where.Spot spot, long size) {
    if (spot.extent() == Where.Extent.GIVEN && spot.size() != size) {
      throw new UsageException(
          "%s has 0x%x bytes, and 0x%x are to be written".formatted(where, spot.size(), size));
    }
    return spot.sized(size);
  }

  private void requireNotRam(Machine machine, Where.Spot spot) {
    Intersection found = machine.regionIntersects(spot.start(), spot.size());
    if (!forceRam && found != Intersection.DISJOINT) {
      throw new RefusedException(
          "%s is %sSystem RAM, which belongs to whoever runs there; --force-ram writes it all the same"
              .formatted(
                  Words.judged(spot.start(), spot.size()),
                  found == Intersection.MIXED ? "partly " : ""));
    }
  }

  private void write(Window window, byte @Nullable [] bytes) {
    if (persist) {
      window.requirePersistent();
    }
    if (bytes == null) {
      for (int i = 0; i < values.size(); i++) {
        window.store((long) i * access.widthBytes(), access.widthBits(), values.get(i));
      }
    } else {
      window.fill(bytes, access.widthBits());
    }
    if (persist) {
      window.persist();
    }
  }

  /** Reads back what was written. */
  private Written.Check check(Window window, byte @Nullable [] bytes) {
    byte[] found = window.bytes(access.widthBits());
    return new Written.Check(bytes == null ? numbers(found.length) : bytes, found, bytes == null);
  }

  /** The numbers as they lie in memory. */
  private byte[] numbers(int length) {
    byte[] wanted = new byte[length];
    for (int i = 0; i < length; i++) {
      long value = values.get(i / access.widthBytes());
      wanted[i] = (byte) (value >>> (Byte.SIZE * (i % access.widthBytes())));
    }
    return wanted;
  }

  private void requireFits() {
    for (long value : values) {
      if (access.widthBits() < Long.SIZE && value >>> access.widthBits() != 0) {
        throw new UsageException(
            "0x%x does not fit into %d bits; give a larger --width"
                .formatted(value, access.widthBits()));
      }
    }
  }
}
