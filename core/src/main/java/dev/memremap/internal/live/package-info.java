// SPDX-License-Identifier: Apache-2.0

/** Remembers the machines of this JVM without keeping them. */
@NullMarked
package dev.memremap.internal.live;

import org.jspecify.annotations.NullMarked;
