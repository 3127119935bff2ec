// SPDX-License-Identifier: Apache-2.0

/** The memremap command. */
@NullMarked
package dev.memremap.cli;

import org.jspecify.annotations.NullMarked;
