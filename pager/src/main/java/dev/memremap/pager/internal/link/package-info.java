// SPDX-License-Identifier: Apache-2.0

/** What the application, and the command, ask of the worker: requests and answers over a socket. */
@NullMarked
package dev.memremap.pager.internal.link;

import org.jspecify.annotations.NullMarked;
