// SPDX-License-Identifier: Apache-2.0

/** The scenario language: parse, run, check against recorded answers. */
@NullMarked
package dev.memremap.scenario;

import org.jspecify.annotations.NullMarked;
