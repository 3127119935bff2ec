// SPDX-License-Identifier: Apache-2.0
package dev.memremap.devres;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The list of a device's resources and markers, the oldest first.
 *
 * <p>What needs room in the heap comes first in each method: without it nothing is changed.
 *
 * <p>Thread safety: none; guarded by the lock of the {@link Devres} that owns it.
 */
final class DevresList {
  /** Records, and the markers of groups among them. */
  final ArrayList<DevresNode> nodes = new ArrayList<>(0);

  private int records;
  private boolean known;

  /**
   * Makes room for one more, so that adding it needs none in the heap, unless another is added
   * meanwhile.
   */
  void makeRoom() {
    nodes.ensureCapacity(nodes.size() + 1);
  }

  /** Adds a record that is on no list, as the newest. */
  void add(DevresRecord<?> devresRecord) {
    nodes.add(devresRecord);
    devresRecord.listed = true;
    records++;
  }

  /** Adds a record that is on no list, as the oldest. */
  void addOldest(DevresRecord<?> devresRecord) {
    nodes.addFirst(devresRecord);
    devresRecord.listed = true;
    records++;
  }

  /** How many records are on it. */
  int records() {
    return records;
  }

  /** Whether its owner knows that it holds something. */
  boolean isKnown() {
    return known;
  }

  /** Notes that the owner was told that it holds something. An empty list forgets that. */
  void known() {
    known = true;
  }

  /**
   * Takes a record off.
   *
   * @return false if it is not on the list
   */
  @SuppressWarnings("ReferenceEquality") // a record is itself
  boolean unlist(DevresRecord<?> devresRecord) {
    for (int i = nodes.size() - 1; i >= 0; i--) {
      if (nodes.get(i) == devresRecord) {
        nodes.remove(i);
        devresRecord.listed = false;
        left(1);
        return true;
      }
    }
    return false;
  }

  /** Takes [from, to) off the list, as far as it leaves with a release. */
  List<DevresRecord<?>> takeOff(int from, int to) {
    List<DevresNode> window = nodes.subList(from, to);
    Set<DevresNode> leaving = DevresNode.leaving(window);
    List<DevresRecord<?>> taken = new ArrayList<>();
    for (DevresNode node : window) {
      if (node instanceof DevresRecord<?> devresRecord) {
        taken.add(devresRecord);
      }
    }
    window.removeIf(leaving::contains);
    for (int i = 0; i < taken.size(); i++) {
      taken.get(i).listed = false;
    }
    left(taken.size());
    return taken;
  }

  private void left(int taken) {
    records -= taken;
    known &= records > 0;
  }

  /** The newest records of a kind, as many as are wanted at most. */
  @SuppressWarnings("ReferenceEquality") // the release object is the kind, as the function is in C
  <T> List<DevresRecord<T>> newestFirst(DevresRelease<T> release, int most) {
    List<DevresRecord<T>> found = new ArrayList<>();
    for (int i = nodes.size() - 1; i >= 0 && found.size() < most; i--) {
      if (nodes.get(i) instanceof DevresRecord<?> candidate && candidate.release == release) {
        @SuppressWarnings("unchecked") // one release object has one data type
        DevresRecord<T> sameKind = (DevresRecord<T>) candidate;
        found.add(sameKind);
      }
    }
    return found;
  }
}
