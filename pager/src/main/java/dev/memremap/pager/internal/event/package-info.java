// SPDX-License-Identifier: Apache-2.0

/**
 * Events of a flight recording that tell of remote memories. Classes of events are loaded only
 * during a recording.
 */
@NullMarked
package dev.memremap.pager.internal.event;

import org.jspecify.annotations.NullMarked;
