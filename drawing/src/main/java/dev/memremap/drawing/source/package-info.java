// SPDX-License-Identifier: Apache-2.0

/** Where scenes come from: machines, live or described, what is planned on them, and teardowns. */
@NullMarked
package dev.memremap.drawing.source;

import org.jspecify.annotations.NullMarked;
