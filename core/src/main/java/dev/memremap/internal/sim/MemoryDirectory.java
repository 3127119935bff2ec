// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.sim;

import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import dev.memremap.spi.IoReason;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The directory for the files of simulated memory, and the refusals if it does not serve. */
final class MemoryDirectory {
  /** The system property that names the directory. */
  static final String PROPERTY = "dev.memremap.dir";

  /** What a user can do about any failure of the place. */
  static final String ADVICE =
      "set -D" + PROPERTY + " to a directory on a tmpfs with room, such as /dev/shm";

  private static final Path SHARED_MEMORY = Path.of("/dev/shm");
  private static final long ENOUGH_BYTES = 1L << 30;

  private static final List<String> BINARY_UNITS =
      List.of("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB");

  private MemoryDirectory() {}

  /** The property's directory, else {@code /dev/shm} with 1 GiB free, else the temporary one. */
  static Path ofThisSystem() {
    return choose(
        System.getProperty(PROPERTY), SHARED_MEMORY, System.getProperty("java.io.tmpdir"));
  }

  static Path choose(@Nullable String named, Path sharedMemory, String temporary) {
    if (named != null && !named.isBlank()) {
      try {
        return Path.of(named);
      } catch (InvalidPathException e) {
        throw refusal(
            Errno.EINVAL,
            "-D%s names '%s', which is not a path here: %s"
                .formatted(PROPERTY, named, e.getReason()),
            e);
      }
    }
    return hasRoom(sharedMemory) ? sharedMemory : Path.of(temporary);
  }

  private static boolean hasRoom(Path directory) {
    try {
      return Files.isDirectory(directory)
          && Files.isWritable(directory)
          && Files.getFileStore(directory).getUsableSpace() >= ENOUGH_BYTES;
    } catch (IOException e) {
      return false;
    }
  }

  /** Refuses a path that is not a directory. It may still refuse files. */
  static void requireDirectory(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw refusal(
          Errno.ENOENT,
          "simulated memory needs a directory for its file, and %s %s; %s"
              .formatted(
                  directory, Files.exists(directory) ? "is not one" : "does not exist", ADVICE),
          null);
    }
  }

  /** No file of simulated memory could be made in this directory. */
  static MemremapException cannotCreate(Path directory, IOException cause) {
    return refusal(
        errnoOf(cause),
        "no file for simulated memory can be made in %s: %s; %s"
            .formatted(directory, IoReason.of(cause), ADVICE),
        cause);
  }

  /**
   * A range could not be mapped from its file in this directory.
   *
   * @param limitSource what limits the mappings of a process, for the sentence
   */
  static MemremapException cannotMap(
      PhysRange range, Path directory, String limitSource, IOException cause) {
    Errno errno = errnoOf(cause);
    String sentence =
        errno == Errno.ENOMEM
            ? "range 0x%x-0x%x (%s) cannot be mapped: the process has no address space of that"
                    .formatted(range.start(), range.endInclusive(), binary(range.sizeBytes()))
                + " length, or no mapping, left; its mappings are limited by "
                + limitSource
                + "; unmap something, or map less"
            : "range 0x%x-0x%x (%s) cannot be mapped from its file in %s: %s; %s"
                .formatted(
                    range.start(),
                    range.endInclusive(),
                    binary(range.sizeBytes()),
                    directory,
                    IoReason.of(cause),
                    ADVICE);
    return refusal(errno, sentence, cause);
  }

  /** {@code 8 TiB}: bytes in the largest binary unit that leaves no rest. */
  static String binary(long bytes) {
    int unit = Math.min(Long.numberOfTrailingZeros(bytes) / 10, 6);
    return (bytes >>> (10 * unit)) + " " + BINARY_UNITS.get(unit);
  }

  static MemremapException refusal(Errno errno, String sentence, @Nullable Throwable cause) {
    return new MemremapException(new Refusal(errno, Rule.LIB_2, sentence), cause);
  }

  /** The error number behind an I/O failure, as far as the JDK still knows it. */
  static Errno errnoOf(IOException failure) {
    return switch (failure) {
      case NoSuchFileException gone -> Errno.ENOENT;
      case AccessDeniedException denied -> Errno.EACCES;
      default -> {
        if (failure.getCause() instanceof OutOfMemoryError) {
          yield Errno.ENOMEM;
        }
        String reason = IoReason.of(failure);
        yield reason.contains("No space left") || reason.contains("quota")
            ? Errno.ENOSPC
            : Errno.EIO;
      }
    };
  }
}
