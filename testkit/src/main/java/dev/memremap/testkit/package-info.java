// SPDX-License-Identifier: Apache-2.0

/**
 * Strict machines for tests. With JUnit, {@link dev.memremap.testkit.MachineFile} gives one to each
 * test, and {@link dev.memremap.testkit.MachineExtension} one with options; it is closed after the
 * test. Without JUnit, {@link dev.memremap.testkit.StrictMachine} makes one for try-with-resources.
 * A test that leaves something open fails, and the failure names the line that made it.
 */
@org.jspecify.annotations.NullMarked
package dev.memremap.testkit;
