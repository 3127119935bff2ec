// SPDX-License-Identifier: Apache-2.0

/** How many mappings the machines of this JVM have together. */
@NullMarked
package dev.memremap.internal.quota;

import org.jspecify.annotations.NullMarked;
