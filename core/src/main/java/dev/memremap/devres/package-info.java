// SPDX-License-Identifier: Apache-2.0

/** A device's managed resources, released newest first. */
@NullMarked
package dev.memremap.devres;

import org.jspecify.annotations.NullMarked;
