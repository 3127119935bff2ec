// SPDX-License-Identifier: Apache-2.0

/** What every command of ours does alike: its colours, its progress, its failures, its status. */
@NullMarked
package dev.memremap.cli.terminal;

import org.jspecify.annotations.NullMarked;
