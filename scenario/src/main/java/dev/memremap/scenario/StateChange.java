// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import java.util.Optional;

/**
 * Whether an operation, by the answer it got, was carried out and changed more than memory
 * contents: if one executor did it and the other could not, their states have parted.
 */
final class StateChange {
  private StateChange() {}

  static boolean happened(Operation operation, String answer) {
    return switch (operation) {
      case SelectMachine machine -> false;
      case MemremapOperation onMapping -> ofMapping(onMapping, answer);
      case DeviceOperation onDevice -> ofDevice(onDevice, answer);
      case RefOperation onRef -> ofCount(onRef, answer);
      case PagemapOperation onMap -> ofMap(onMap, answer);
    };
  }

  private static boolean ofMapping(MemremapOperation operation, String answer) {
    return switch (operation) {
      case MemremapOperation.Memremap memremap -> isOk(answer);
      case MemremapOperation.Memunmap memunmap -> isOk(answer);
      case MemremapOperation.Region region -> false;
      case MemremapOperation.Load load -> false;
      case MemremapOperation.Store store -> false;
    };
  }

  private static boolean ofDevice(DeviceOperation operation, String answer) {
    return switch (operation) {
      case DeviceOperation.Device device -> false;
      case DeviceOperation.DeviceRelease release -> isOk(answer);
    };
  }

  /** A switch of mode and an exit leave the count as it is: an exit may even be a second one. */
  private static boolean ofCount(RefOperation operation, String answer) {
    return switch (operation) {
      case RefOperation.Ref ref -> isOk(answer);
      case RefOperation.RefGet get -> isOk(answer);
      case RefOperation.RefPut put -> isOk(answer);
      case RefOperation.RefKill kill -> isOk(answer);
      case RefOperation.RefReinit reinit -> isOk(answer);
      case RefOperation.RefResurrect resurrect -> isOk(answer);
      case RefOperation.RefTryget tryget -> answer.equals("true");
      case RefOperation.RefTrygetLive tryget -> answer.equals("true");
      case RefOperation.RefToAtomic toAtomic -> false;
      case RefOperation.RefToPercpu toPercpu -> false;
      case RefOperation.RefState state -> false;
      case RefOperation.RefExit exit -> false;
    };
  }

  private static boolean ofMap(PagemapOperation operation, String answer) {
    return switch (operation) {
      case PagemapOperation.Pgmap pgmap -> isOk(answer);
      case PagemapOperation.RemapPages remap -> isOk(answer);
      case PagemapOperation.UnmapPages unmap -> isOk(answer);
      case PagemapOperation.Put put -> isOk(answer);
      case PagemapOperation.PageGet get -> isOk(answer);
      case PagemapOperation.PagePut put -> isOk(answer);
      case PagemapOperation.Lookup lookup -> ofLookup(lookup.hint(), answer);
      case PagemapOperation.Page page -> false;
      case PagemapOperation.Altmap altmap -> false;
    };
  }

  /** A hint that does not cover loses its reference even when nothing is found. */
  private static boolean ofLookup(Optional<String> hint, String answer) {
    return answer.startsWith("pgmap=") || (answer.equals("none") && hint.isPresent());
  }

  private static boolean isOk(String answer) {
    return answer.equals(Answer.OK) || answer.startsWith(Answer.OK + " ");
  }
}
