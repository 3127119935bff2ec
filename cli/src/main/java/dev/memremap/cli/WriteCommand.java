// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.cli.terminal.ExitStatus;
import dev.memremap.cli.terminal.StandardStreams;
import dev.memremap.resource.Intersection;
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
    description = {
      "Write numbers, or a file's raw bytes, to memory.",
      "System RAM belongs to whoever runs on the machine, and is written only with --force."
    })
final class WriteCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private AccessOptions access;

  @Parameters(
      index = "0",
      paramLabel = "OFFSET",
      converter = Words.Amount.class,
      description = "The first byte's physical address.")
  private long offset;

  @Parameters(
      index = "1..*",
      paramLabel = "VALUE",
      converter = Words.Amount.class,
      description = "Numbers to write one after the other.")
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

  WriteCommand() {
    this.access = new AccessOptions();
  }

  @Override
  public Integer call() {
    if ((input == null) == values.isEmpty()) {
      throw new IllegalArgumentException("give either numbers to write or --input FILE");
    }
    boolean wide = spec.commandLine().getParseResult().hasMatchedOption("--width");
    if (input != null && wide && !access.isThroughIoremap()) {
      throw new IllegalArgumentException(
          "--width counts for numbers and for registers (--ioremap), and --input writes raw bytes"
              + " to memory; leave it out");
    }
    if (input != null && StandardStreams.isDash(input) && access.readsStandardInput()) {
      throw new IllegalArgumentException(
          "both --input and the machine are '-', and standard input can be read once; put one of"
              + " the two into a file");
    }
    byte[] bytes = input == null ? null : StandardStreams.read(input);
    long size = bytes == null ? (long) values.size() * access.widthBytes() : bytes.length;
    requireFits();
    try (Machine machine = access.openToWrite()) {
      if (!access.isForced() && machine.regionIntersects(offset, size) != Intersection.DISJOINT) {
        throw new IllegalArgumentException(
            "0x%x is System RAM, which belongs to whoever runs there; --force writes it all the same"
                .formatted(offset));
      }
      try (Window window = access.map(machine, offset, size)) {
        write(window, bytes);
        spec.commandLine()
            .getOut()
            .printf(
                "%d bytes written at 0x%x, %s%s%n",
                size, offset, window.mode(), persist ? ", on the media" : "");
      }
    }
    return ExitStatus.OK;
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

  private void requireFits() {
    for (long value : values) {
      if (access.widthBits() < Long.SIZE && value >>> access.widthBits() != 0) {
        throw new IllegalArgumentException(
            "0x%x does not fit into %d bits; give a larger --width"
                .formatted(value, access.widthBits()));
      }
    }
  }
}
