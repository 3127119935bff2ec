// SPDX-License-Identifier: Apache-2.0

/** The rules that answers cite, and the kernel's functions that follow them. */
@NullMarked
package dev.memremap.cli.rules;

import org.jspecify.annotations.NullMarked;
