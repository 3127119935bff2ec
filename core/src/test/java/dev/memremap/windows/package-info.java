// SPDX-License-Identifier: Apache-2.0
/**
 * Opens the windows between the steps of an operation: one thread stops before each of its steps in
 * turn, and another does something there.
 */
package dev.memremap.windows;
