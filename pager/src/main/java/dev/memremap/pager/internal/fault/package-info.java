// SPDX-License-Identifier: Apache-2.0

/** How the worker serves faults: which pages are in memory, and what brings and takes them. */
@NullMarked
package dev.memremap.pager.internal.fault;

import org.jspecify.annotations.NullMarked;
