// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.spi.HostMemory.Permission;
import java.util.EnumSet;
import java.util.Set;
import picocli.CommandLine.Option;

/** The unsafe things that a command may do on this computer, if the user asks for them. */
final class HostPermissions {
  @Option(
      names = "--force",
      description =
          "Go on where somebody else is at work: a device that a kernel driver uses, and for a"
              + " write System RAM.")
  private boolean force;

  @Option(
      names = "--enable",
      description = "Switch a PCI device's memory on where it is off, which lasts.")
  private boolean enable;

  boolean isForced() {
    return force;
  }

  /**
   * Refuses a permission that has no effect on a simulated machine: no driver uses its devices, and
   * none of them is off.
   *
   * @param writes whether the command writes: it takes {@code --force} for System RAM
   */
  void requireEffectOnSimulated(boolean writes) {
    if (enable) {
      throw new IllegalArgumentException(
          "--enable switches a device of this computer on, and this machine is simulated; leave it"
              + " out");
    }
    if (force && !writes) {
      throw new IllegalArgumentException(
          "--force is for a device of this computer that a driver uses, and this machine is"
              + " simulated; leave it out");
    }
  }

  Permission[] granted() {
    Set<Permission> granted = EnumSet.noneOf(Permission.class);
    if (force) {
      granted.add(Permission.FORCE);
    }
    if (enable) {
      granted.add(Permission.ENABLE);
    }
    return granted.toArray(Permission[]::new);
  }
}
