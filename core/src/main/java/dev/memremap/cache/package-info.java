// SPDX-License-Identifier: Apache-2.0

/** Cache modes, who holds which, and what two aliases of one range may ask for. */
@NullMarked
package dev.memremap.cache;

import org.jspecify.annotations.NullMarked;
