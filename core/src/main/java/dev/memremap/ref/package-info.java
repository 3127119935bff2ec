// SPDX-License-Identifier: Apache-2.0

/** Reference counts that cost little until they are killed: {@code percpu_ref}. */
@NullMarked
package dev.memremap.ref;

import org.jspecify.annotations.NullMarked;
