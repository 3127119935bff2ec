// SPDX-License-Identifier: Apache-2.0

/**
 * Why an answer is what it is: the numbered rules, the errno a kernel would give, and the one
 * exception that carries both; and how the words of others stand in their sentences.
 */
@NullMarked
package dev.memremap.rule;

import org.jspecify.annotations.NullMarked;
