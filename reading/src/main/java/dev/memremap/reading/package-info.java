// SPDX-License-Identifier: Apache-2.0

/**
 * Machines from files that a customer can send. {@link dev.memremap.reading.MachineReader} reads a
 * map or a list, and the files beside it; a {@link dev.memremap.reading.Reading} is the result,
 * with what was set right, what is in doubt, and the file of each fact.
 */
@NullMarked
package dev.memremap.reading;

import org.jspecify.annotations.NullMarked;
