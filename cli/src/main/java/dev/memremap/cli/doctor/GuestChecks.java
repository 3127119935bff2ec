// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.doctor;

import static dev.memremap.cli.doctor.Check.Group.GUESTS;

import dev.memremap.conformance.GuestNeed;
import java.util.List;

/** What a guest needs that conformance compares with. */
final class GuestChecks {
  private GuestChecks() {}

  static List<Check> all() {
    return GuestNeed.all().stream().map(GuestChecks::of).toList();
  }

  private static Check of(GuestNeed need) {
    return need.isMet()
        ? Check.ok(GUESTS, need.name(), need.found())
        : Check.missing(GUESTS, need.name(), need.missing(), "");
  }
}
