// SPDX-License-Identifier: Apache-2.0

/**
 * A guest: {@link dev.memremap.conformance.GuestMachine} boots an unpacked {@link
 * dev.memremap.conformance.GuestKernel} in QEMU, with the host's files, and runs one command there.
 */
@NullMarked
package dev.memremap.conformance;

import org.jspecify.annotations.NullMarked;
