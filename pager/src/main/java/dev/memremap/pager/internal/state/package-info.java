// SPDX-License-Identifier: Apache-2.0

/**
 * What all processes of a remote memory share and what outlives each of them: the state of each
 * page, the settings, and the figures, in a file without a name.
 */
@NullMarked
package dev.memremap.pager.internal.state;

import org.jspecify.annotations.NullMarked;
