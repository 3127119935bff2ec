// SPDX-License-Identifier: Apache-2.0

/** What this computer has of what the library, real memory and guests need. */
@NullMarked
package dev.memremap.cli.doctor;

import org.jspecify.annotations.NullMarked;
