// SPDX-License-Identifier: Apache-2.0

/**
 * Machines as people have them. {@link dev.memremap.reading.MachineReader} reads a map or a list,
 * and the files beside it; a {@link dev.memremap.reading.Reading} is what came out, with what was
 * set right, what is in doubt, and the file that each fact came from.
 */
@NullMarked
package dev.memremap.reading;

import org.jspecify.annotations.NullMarked;
