// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

/**
 * The list of live mappings while it is swept: most of its mappings are closed, and the next
 * additions remove them.
 */
public class SweptMappingsModel extends LiveMappingsModel {
  /** A sweep follows the 65th addition. */
  private static final int CLOSED_BEFORE = 61;

  /** A list that the next additions sweep. */
  public SweptMappingsModel() {
    super(CLOSED_BEFORE);
  }
}
