// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.terminal.UsageException;
import dev.memremap.spi.HostMemory.Permission;
import java.util.EnumSet;
import java.util.Set;
import picocli.CommandLine.Option;

/** The unsafe things that a command may do on this computer, if the user asks for them. */
abstract sealed class HostPermissions {
  private boolean forceDriver;
  private boolean enable;

  /** Of a command that maps. */
  static final class ToMap extends HostPermissions {
    @Option(
        names = "--force-driver",
        description = "Map a device of this computer although a kernel driver uses it.")
    void forceDriver(boolean given) {
      super.forceDriver = given;
    }

    @Option(
        names = "--enable",
        description = "Switch a PCI device's memory on where it is off, which lasts.")
    void enable(boolean given) {
      super.enable = given;
    }
  }

  /** Of a command that only says what mapping would do. */
  static final class ToAsk extends HostPermissions {
    @Option(
        names = "--force-driver",
        description = "Answer as if no kernel driver used a device of this computer.")
    void forceDriver(boolean given) {
      super.forceDriver = given;
    }

    @Option(
        names = "--enable",
        description =
            "Answer as if a PCI device's memory that is off were switched on; it stays off.")
    void enable(boolean given) {
      super.enable = given;
    }
  }

  /**
   * Refuses a permission that has no effect on a simulated machine: no driver runs there, and no
   * device is off.
   */
  void requireEffectOnSimulated() {
    if (enable) {
      throw new UsageException(
          "--enable switches a device of this computer on, and this machine is simulated; leave it"
              + " out");
    }
    if (forceDriver) {
      throw new UsageException(
          "--force-driver is for a device of this computer that a driver uses, and this machine is"
              + " simulated; leave it out");
    }
  }

  Permission[] granted() {
    Set<Permission> granted = EnumSet.noneOf(Permission.class);
    if (forceDriver) {
      granted.add(Permission.FORCE);
    }
    if (enable) {
      granted.add(Permission.ENABLE);
    }
    return granted.toArray(Permission[]::new);
  }
}
