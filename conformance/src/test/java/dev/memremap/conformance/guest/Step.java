// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.guest;

/**
 * One thing that must hold of real memory.
 *
 * @param name what holds, with its rule where it has one; unique
 * @param body throws if it does not hold
 */
public record Step(String name, Body body) {

  /** What is tried. */
  public interface Body {
    /** Tries it. */
    void run() throws Exception;
  }
}
