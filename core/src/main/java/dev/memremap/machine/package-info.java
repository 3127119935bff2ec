// SPDX-License-Identifier: Apache-2.0

/**
 * What a machine is: its description, the header of a machine file, and what a running Linux tells
 * of itself.
 */
@NullMarked
package dev.memremap.machine;

import org.jspecify.annotations.NullMarked;
