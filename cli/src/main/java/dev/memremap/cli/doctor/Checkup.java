// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * All checks of this computer.
 *
 * @param checks in the order in which they are shown
 */
public record Checkup(List<Check> checks) {
  /** Copies the list. */
  public Checkup {
    checks = List.copyOf(checks);
  }

  /** Looks at this computer. Nothing on it is changed. */
  public static Checkup ofThisComputer() {
    List<Check> all = new ArrayList<>(LibraryChecks.all());
    all.addAll(new HostChecks(Path.of("/")).files());
    all.addAll(Check.looked(Check.Group.HOST, "devices", DeviceChecks::all));
    all.addAll(Check.looked(Check.Group.HOST, "remote memory", RemoteMemoryChecks::all));
    all.addAll(Check.looked(Check.Group.GUESTS, "guests", GuestChecks::all));
    return new Checkup(all);
  }

  /** Whether the library and simulated machines work here. */
  public boolean isUsable() {
    return checks.stream()
        .noneMatch(
            check -> check.group() == Check.Group.LIBRARY && check.state() == Check.State.MISSING);
  }

  /** How many are in that state. */
  public long count(Check.State state) {
    return checks.stream().filter(check -> check.state() == state).count();
  }
}
