// SPDX-License-Identifier: Apache-2.0

/** Programs that try to break what the library promises of many threads. */
@NullMarked
package dev.memremap.stress;

import org.jspecify.annotations.NullMarked;
