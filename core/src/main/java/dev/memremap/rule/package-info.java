// SPDX-License-Identifier: Apache-2.0

/**
 * Why a request is answered as it is: numbered rules, errnos, facts, refusals, and the exception
 * that carries them.
 */
@NullMarked
package dev.memremap.rule;

import org.jspecify.annotations.NullMarked;
