// SPDX-License-Identifier: Apache-2.0

/** What the engine may do with references, and users may not. */
@NullMarked
package dev.memremap.internal.ref;

import org.jspecify.annotations.NullMarked;
