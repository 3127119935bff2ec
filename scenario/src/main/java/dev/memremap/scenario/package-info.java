// SPDX-License-Identifier: Apache-2.0

/**
 * Scenario files: read with {@link dev.memremap.scenario.Scenario}, carried out by a {@link
 * dev.memremap.scenario.ScenarioExecutor}, compared with a kernel's recorded answers by {@link
 * dev.memremap.scenario.Comparison}. {@link dev.memremap.scenario.ScenarioRun} does all of it for
 * the command line.
 */
@NullMarked
package dev.memremap.scenario;

import org.jspecify.annotations.NullMarked;
