// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.kernel;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A kernel's release in its parts.
 *
 * @param text as it was written
 * @param major the first number
 * @param minor the second one
 * @param patch the third one; -1 if there is none
 * @param suffix what comes behind the numbers; empty if nothing does
 */
record KernelRelease(String text, int major, int minor, int patch, String suffix) {
  /** The series whose sources were read, or that were asked, the oldest first. */
  static final List<String> READ =
      List.of("5.10", "6.1", "6.12", "6.14", "6.18", "6.19", "7.0", "7.1", "7.2", "7.3");

  private static final Pattern FORM =
      Pattern.compile("([0-9]{1,4})\\.([0-9]{1,4})(?:\\.([0-9]{1,6}))?(?![0-9])(.*)");

  /** The parts of a release; null if it does not begin with two numbers. */
  static @Nullable KernelRelease in(String text) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      return null;
    }
    String patch = parts.group(3);
    return new KernelRelease(
        text,
        Integer.parseInt(parts.group(1)),
        Integer.parseInt(parts.group(2)),
        patch == null ? -1 : Integer.parseInt(patch),
        parts.group(4));
  }

  private String series() {
    return major + "." + minor;
  }

  /** Whether it is a number alone, as people write it. */
  boolean isBare() {
    return suffix.isEmpty();
  }

  /** Whether its series was read; a point release counts as its series. */
  boolean isRead() {
    return READ.contains(series());
  }

  /** Whether it is older or newer than all that were read. */
  boolean isOutside() {
    return isBefore(READ.getFirst()) || !isBefore(after(READ.getLast()));
  }

  /** The series right behind another one. */
  private static String after(String series) {
    KernelRelease release = ofRead(series);
    return release.major + "." + (release.minor + 1);
  }

  private static KernelRelease ofRead(String series) {
    KernelRelease release = in(series);
    if (release == null) {
      throw new AssertionError(series);
    }
    return release;
  }

  private boolean isBefore(String series) {
    KernelRelease other = ofRead(series);
    return major < other.major || (major == other.major && minor < other.minor);
  }

  /** The last series that was read and is not newer; the first one if all are. */
  String seriesBefore() {
    String found = READ.getFirst();
    for (String series : READ) {
      if (!isBefore(series)) {
        found = series;
      }
    }
    return found;
  }

  /**
   * Whether the number says little of what is in the kernel: distributions that take over changes
   * of later kernels leave the third number at 0, as in {@code 6.1.0-18-amd64} and {@code
   * 5.14.0-503.el9}.
   */
  boolean saysLittle() {
    return patch == 0 && !suffix.isEmpty();
  }
}
