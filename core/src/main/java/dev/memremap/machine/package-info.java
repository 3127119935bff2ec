// SPDX-License-Identifier: Apache-2.0

/**
 * Descriptions of machines: from machine files, from copies of Linux's own files, and from the
 * running system.
 */
@NullMarked
package dev.memremap.machine;

import org.jspecify.annotations.NullMarked;
