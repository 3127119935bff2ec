// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.time.Duration;

/**
 * A command that ran in a guest to its end.
 *
 * <p>Thread safety: immutable.
 *
 * @param exitStatus 0 to 255 as a shell tells it: 126 not executable, 127 not found, 128 + n killed
 *     by signal n
 * @param output the command's standard output and error in the order written; bytes that are not
 *     UTF-8 are replaced
 * @param kernelLog the kernel's own messages
 * @param boot the guest's clock when the command started
 * @param took from QEMU's start to its end, on the host's clock
 */
public record GuestRun(
    int exitStatus, String output, String kernelLog, Duration boot, Duration took) {}
