// SPDX-License-Identifier: Apache-2.0

/** Page structures for device memory: page maps and their pages. */
@NullMarked
package dev.memremap.page;

import org.jspecify.annotations.NullMarked;
