// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import java.util.List;

/**
 * One operation of a scenario. The families are sealed, so that an executor is a switch which the
 * compiler finds incomplete when the language grows.
 *
 * <p>Thread safety: all operations are immutable.
 */
public sealed interface Operation
    permits SelectMachine, MemremapOperation, DeviceOperation, RefOperation, PagemapOperation {

  /** The line it stands in, 1 for the file's first; its answer carries the same number. */
  int line();

  /** The names it defines or works on, in the order they are written. */
  List<String> names();
}
