// SPDX-License-Identifier: Apache-2.0

/**
 * What runs inside the guest: real memory, by every route, each result compared with what another
 * side of the computer says.
 */
@NullMarked
package dev.memremap.conformance.guest;

import org.jspecify.annotations.NullMarked;
