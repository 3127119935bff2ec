// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which of the capabilities that real memory needs this process has, and whether it is root.
 *
 * @param root whether its effective user is 0, which has capabilities unless they were taken away
 * @param sysAdmin {@code CAP_SYS_ADMIN}: /proc/iomem shows addresses to it alone
 * @param sysRawio {@code CAP_SYS_RAWIO}: /dev/mem opens for it alone
 * @param dacOverride {@code CAP_DAC_OVERRIDE}: files of others can be opened
 */
record Capabilities(boolean root, boolean sysAdmin, boolean sysRawio, boolean dacOverride) {
  private static final Pattern EFFECTIVE =
      Pattern.compile("^CapEff:\\s*([0-9a-fA-F]{1,16})$", Pattern.MULTILINE);
  private static final Pattern USER = Pattern.compile("^Uid:\\s*\\d+\\s+0\\s", Pattern.MULTILINE);
  private static final int DAC_OVERRIDE = 1;
  private static final int SYS_RAWIO = 17;
  private static final int SYS_ADMIN = 21;

  /**
   * Those of a process.
   *
   * @param status its {@code /proc/PID/status}
   */
  static Optional<Capabilities> of(String status) {
    Matcher line = EFFECTIVE.matcher(status);
    if (!line.find()) {
      return Optional.empty();
    }
    long bits = Long.parseUnsignedLong(line.group(1), 16);
    return Optional.of(
        new Capabilities(
            USER.matcher(status).find(),
            has(bits, SYS_ADMIN),
            has(bits, SYS_RAWIO),
            has(bits, DAC_OVERRIDE)));
  }

  private static boolean has(long bits, int capability) {
    return (bits >>> capability & 1) != 0;
  }

  /** The names of those that are missing. */
  List<String> missing() {
    List<String> names = new ArrayList<>();
    if (!sysAdmin) {
      names.add("CAP_SYS_ADMIN");
    }
    if (!sysRawio) {
      names.add("CAP_SYS_RAWIO");
    }
    if (!dacOverride) {
      names.add("CAP_DAC_OVERRIDE");
    }
    return names;
  }
}
