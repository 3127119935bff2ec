// SPDX-License-Identifier: Apache-2.0

/**
 * Page structures for device memory: page maps, their pages, and the table that finds the map of a
 * page.
 */
@NullMarked
package dev.memremap.page;

import org.jspecify.annotations.NullMarked;
