// SPDX-License-Identifier: Apache-2.0

/**
 * Strict machines for tests. With JUnit, {@link dev.memremap.testkit.MachineFile} names one that
 * each test is handed, and {@link dev.memremap.testkit.MachineExtension} one with choices; it is
 * closed after the test. Without JUnit, {@link dev.memremap.testkit.StrictMachine} makes one for
 * try-with-resources. Either way a test fails where it leaves something open, and the failure names
 * the line that made it.
 */
@org.jspecify.annotations.NullMarked
package dev.memremap.testkit;
