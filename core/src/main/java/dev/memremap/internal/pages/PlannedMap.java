// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.page.DevPagemap;
import dev.memremap.plan.PagemapPlan;

/**
 * A page map, what mapping it would do, and where its pages would lie.
 *
 * @param map the map that was asked for
 * @param layout as far as the checks came
 * @param plan what a user sees
 */
public record PlannedMap(DevPagemap map, PagemapLayout layout, PagemapPlan plan) {}
