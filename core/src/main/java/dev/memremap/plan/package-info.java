// SPDX-License-Identifier: Apache-2.0

/** What a request would do and why, before anything is done. */
@NullMarked
package dev.memremap.plan;

import org.jspecify.annotations.NullMarked;
