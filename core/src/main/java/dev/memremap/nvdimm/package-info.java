// SPDX-License-Identifier: Apache-2.0
/** Namespaces of persistent memory, as {@code ndctl create-namespace} leaves them. */
@NullMarked
package dev.memremap.nvdimm;

import org.jspecify.annotations.NullMarked;
