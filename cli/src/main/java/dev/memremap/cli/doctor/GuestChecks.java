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

  static Check of(GuestNeed need) {
    if (need.isMet()) {
      return Check.ok(GUESTS, need.name(), need.found());
    }
    return need.isFetched()
        ? Check.note(GUESTS, need.name(), need.missing(), need.remedy())
        : Check.missing(GUESTS, need.name(), need.missing(), need.remedy());
  }
}
