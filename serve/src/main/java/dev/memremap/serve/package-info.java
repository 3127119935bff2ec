// SPDX-License-Identifier: Apache-2.0

/**
 * Machines in the browser. A {@link dev.memremap.serve.Subject} is what is shown, {@link
 * dev.memremap.serve.WebServer} shows it, and {@link dev.memremap.serve.Questions} answers what a
 * reader asks of it.
 */
@NullMarked
package dev.memremap.serve;

import org.jspecify.annotations.NullMarked;
