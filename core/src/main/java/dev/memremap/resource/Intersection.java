// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

/**
 * How a range overlaps resources of a type: the answer of {@code region_intersects}.
 *
 * <p>Thread safety: immutable.
 */
public enum Intersection {
  /** The range touches something of the type and no other resource. */
  INTERSECTS,
  /** The range touches nothing of the type. */
  DISJOINT,
  /** The range touches the type and another resource. */
  MIXED
}
