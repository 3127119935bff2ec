// SPDX-License-Identifier: Apache-2.0
package dev.memremap.devres;

import dev.memremap.rule.MemremapException;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;

/**
 * DR-1, DR-2, DR-5: a device's list while resources and groups are added, removed and released: a
 * record is taken off once, the newest first, and a group goes whole.
 */
public class DevresModel {
  private static final DevresRelease<Integer> KIND = data -> {};

  private final Devres devres = new Devres();

  /** An empty list. */
  public DevresModel() {}

  /** Adds a record. */
  @Operation
  public void add(@Param(gen = IntGen.class, conf = "0:2") int data) {
    devres.add(devres.alloc(KIND, data));
  }

  /** Takes the newest record off; its data, or -1. */
  @Operation
  public int remove() {
    return devres.remove(KIND, null).orElse(-1);
  }

  /** Takes the newest record with this data off. */
  @Operation
  public boolean removeData(@Param(gen = IntGen.class, conf = "0:2") int data) {
    return devres.remove(KIND, candidate -> candidate == data).isPresent();
  }

  /** The newest record's data, or -1. */
  @Operation
  public int find() {
    return devres.find(KIND, null).orElse(-1);
  }

  /** Opens a group. */
  @Operation
  public void openGroup() {
    devres.openGroup(null);
  }

  /** Ends the newest open group, if there is one. */
  @Operation
  public boolean closeGroup() {
    try {
      devres.closeGroup(null);
      return true;
    } catch (MemremapException none) {
      return false;
    }
  }

  /** Releases the newest open group; how many records lay in it, or -1. */
  @Operation
  public int releaseGroup() {
    try {
      return devres.releaseGroup(null);
    } catch (MemremapException none) {
      return -1;
    }
  }

  /** Releases everything; how many records there were. */
  @Operation
  public int releaseAll() {
    return devres.releaseAll();
  }

  /** How many records there are. */
  @Operation
  public int size() {
    return devres.size();
  }
}
