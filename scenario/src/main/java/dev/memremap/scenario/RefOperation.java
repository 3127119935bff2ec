// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import java.util.List;

/** Operations on a per-CPU reference; each is the kernel function {@code percpu_} and its name. */
public sealed interface RefOperation extends Operation {

  /** The reference's name. */
  String name();

  @Override
  default List<String> names() {
    return List.of(name());
  }

  /**
   * {@code ref NAME [atomic] [dead] [reinit]}.
   *
   * @param atomic PERCPU_REF_INIT_ATOMIC
   * @param dead PERCPU_REF_INIT_DEAD
   * @param allowReinit PERCPU_REF_ALLOW_REINIT
   */
  record Ref(int line, String name, boolean atomic, boolean dead, boolean allowReinit)
      implements RefOperation {}

  /**
   * {@code ref-get R [N]}.
   *
   * @param count at least 1, unsigned
   */
  record RefGet(int line, String name, long count) implements RefOperation {}

  /**
   * {@code ref-put R [N]}.
   *
   * @param count at least 1, unsigned
   */
  record RefPut(int line, String name, long count) implements RefOperation {}

  /** {@code ref-tryget R}. */
  record RefTryget(int line, String name) implements RefOperation {}

  /** {@code ref-tryget-live R}. */
  record RefTrygetLive(int line, String name) implements RefOperation {}

  /** {@code ref-kill R}, its confirmation waited for. */
  record RefKill(int line, String name) implements RefOperation {}

  /** {@code ref-reinit R}. */
  record RefReinit(int line, String name) implements RefOperation {}

  /** {@code ref-resurrect R}. */
  record RefResurrect(int line, String name) implements RefOperation {}

  /** {@code ref-to-atomic R}, waited for. */
  record RefToAtomic(int line, String name) implements RefOperation {}

  /** {@code ref-to-percpu R}. */
  record RefToPercpu(int line, String name) implements RefOperation {}

  /** {@code ref-state R}. */
  record RefState(int line, String name) implements RefOperation {}

  /** {@code ref-exit R}. */
  record RefExit(int line, String name) implements RefOperation {}
}
