// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;

/** The refusals for memory that cannot be attached. */
final class SourceRefusal {
  private SourceRefusal() {}

  static MemremapException of(ErrnoException e, String source, String what) {
    return new MemremapException(new Refusal(e.errno(), Rule.LIB_6, source + ": " + what), e);
  }

  /** What to do where huge pages of this size run out, in a phrase. */
  static String morePages(long pageBytes) {
    return "set more huge pages of %d bytes aside (sysctl -w vm.nr_hugepages=N)"
        .formatted(pageBytes);
  }

  /**
   * The refusal if the memory of a mapping cannot be allocated beforehand.
   *
   * @param room what to do if room is lacking, in a phrase
   */
  static MemremapException notAllocated(
      ErrnoException e, String source, long offset, long length, String room) {
    String advice =
        switch (e.errno()) {
          case ENOSPC, EDQUOT, ENOMEM -> "; " + room;
          case EOPNOTSUPP, ENOSYS ->
              "; its file system allocates nothing beforehand: write the file once from end to end,"
                  + " and attach it without populate()";
          default -> "";
        };
    return of(
        e,
        source,
        "%d bytes at 0x%x of it cannot be allocated (%s)%s"
            .formatted(length, offset, e.sentence(), advice));
  }
}
