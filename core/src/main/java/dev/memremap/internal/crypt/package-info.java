// SPDX-License-Identifier: Apache-2.0

/** Memory seen through another encryption attribute: AES-XTS copies. */
@NullMarked
package dev.memremap.internal.crypt;

import org.jspecify.annotations.NullMarked;
