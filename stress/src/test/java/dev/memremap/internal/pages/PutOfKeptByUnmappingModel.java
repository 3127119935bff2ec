// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import org.jetbrains.lincheck.datastructures.Operation;

/**
 * Row 31 of docs/kernels.md: the word of a page that the map's own reference keeps, while the
 * unmapping takes that off. It is taken off once; the put of the last other one sees that the page
 * is free, and nothing brings the page back.
 */
public class PutOfKeptByUnmappingModel extends PutByUnmappingModel {
  /** A page that was never used. */
  public PutOfKeptByUnmappingModel() {
    super(1);
  }

  /** What the drop of the last reference does. */
  @Operation
  public void freed() {
    renew();
  }
}
