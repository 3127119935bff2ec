// SPDX-License-Identifier: Apache-2.0

/** How things end: in turns, with patience, and completely whatever fails on the way. */
@NullMarked
package dev.memremap.internal.teardown;

import org.jspecify.annotations.NullMarked;
