// SPDX-License-Identifier: Apache-2.0

/** The one shape of what commands print as JSON, which {@code docs/json.md} describes. */
@NullMarked
package dev.memremap.cli.json;

import org.jspecify.annotations.NullMarked;
