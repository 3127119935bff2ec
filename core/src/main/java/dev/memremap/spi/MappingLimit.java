// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * How many mappings the machines of a JVM may hold together: half of what the system allows the
 * whole process, since a JVM that runs into {@code vm.max_map_count} can no longer start its own
 * threads, and dies.
 *
 * <p>Thread safety: immutable.
 *
 * @param mappings the limit; empty if the system sets none
 * @param source where it comes from, for a sentence
 */
public record MappingLimit(OptionalLong mappings, String source) {
  /** Checks the parts. */
  public MappingLimit {
    Objects.requireNonNull(mappings, "mappings");
    Objects.requireNonNull(source, "source");
  }

  private static final int LONGEST_NUMBER = 32;

  /** The limit of this system: Linux's, where it can be read. */
  public static MappingLimit ofThisSystem() {
    return readFrom(Path.of("/proc/sys/vm/max_map_count"));
  }

  static MappingLimit readFrom(Path sysctl) {
    try (InputStream in = Files.newInputStream(sysctl)) {
      // A sysctl gives all it has to the first read and nothing to a second. Files.readString asks
      // a file of size 0 for a single byte first, and so would see 6 of 65530.
      String text = new String(in.readNBytes(LONGEST_NUMBER), StandardCharsets.US_ASCII);
      long mapCount = Long.parseLong(text.strip());
      return new MappingLimit(OptionalLong.of(mapCount / 2), "vm.max_map_count (" + mapCount + ")");
    } catch (IOException | NumberFormatException e) {
      return new MappingLimit(OptionalLong.empty(), "no limit known on this system");
    }
  }
}
