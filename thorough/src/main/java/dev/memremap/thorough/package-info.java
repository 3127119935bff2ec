// SPDX-License-Identifier: Apache-2.0
/**
 * Runs the tests that are too slow for every build, a share at a time: {@code mvn -Pthorough verify
 * -Dshare=k/n}.
 */
@NullMarked
package dev.memremap.thorough;

import org.jspecify.annotations.NullMarked;
