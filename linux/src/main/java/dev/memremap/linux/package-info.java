// SPDX-License-Identifier: Apache-2.0

/**
 * Real memory on Linux. {@code Machine.host()} finds {@link dev.memremap.linux.LinuxHostMemory} by
 * itself; {@link dev.memremap.linux.DaxFile}, {@link dev.memremap.linux.Memfd} and {@link
 * dev.memremap.linux.HugetlbFile} are memory to attach to any machine.
 *
 * <p>All native calls go through one door, {@code Syscalls}.
 */
@NullMarked
package dev.memremap.linux;

import org.jspecify.annotations.NullMarked;
