// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.doctor;

import static dev.memremap.cli.doctor.Check.Group.HOST;

import dev.memremap.pager.internal.sys.Native;
import dev.memremap.pager.internal.sys.SyscallException;
import dev.memremap.pager.internal.sys.Syscalls;
import dev.memremap.pager.internal.sys.Userfault;
import java.util.List;

/** Whether a remote memory can be opened here, and which accesses to it are served. */
final class RemoteMemoryChecks {
  private static final String NAME = "remote memory";

  private RemoteMemoryChecks() {}

  static List<Check> all() {
    try {
      return List.of(of(Native.calls()));
    } catch (UnsupportedOperationException e) {
      return List.of(Check.missing(HOST, NAME, String.valueOf(e.getMessage()), ""));
    }
  }

  /** Opens a userfaultfd as a remote memory does, and closes it. */
  static Check of(Syscalls calls) {
    try (Userfault userfault = Userfault.open(calls)) {
      boolean isWhole = userfault.scope() == Userfault.Scope.ALL;
      String says =
          isWhole
              ? "userfaultfd serves all accesses, those of system calls, too"
              : "userfaultfd serves the program's own accesses; a system call that meets a missing"
                  + " page fails with EFAULT";
      if (!userfault.poisons()) {
        return Check.note(
            HOST,
            NAME,
            says + "; this kernel cannot poison pages, which Linux can since 6.6",
            "open remote memories with onOutage(WAIT)");
      }
      return isWhole
          ? Check.ok(HOST, NAME, says)
          : Check.note(
              HOST,
              NAME,
              says,
              "touch a range before a system call gets it; or, as root: sysctl -w"
                  + " vm.unprivileged_userfaultfd=1, or let this user open /dev/userfaultfd");
    } catch (SyscallException e) {
      return Check.missing(HOST, NAME, Userfault.refusal(e), "");
    }
  }
}
