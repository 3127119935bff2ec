// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.cli.doctor.Check.State;
import dev.memremap.pager.internal.sys.Syscalls;
import dev.memremap.rule.Errno;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What doctor says of userfaultfd, as kernels and containers answer it. */
class RemoteMemoryChecksTest {
  private static final long WRITE_PROTECTION = 1 | 1L << 5 | 1L << 12;
  private static final long POISON = 1L << 14;
  private static final long USER_MODE_ONLY = 1;
  private static final int FIRST_DESCRIPTOR = 1000;

  /**
   * A kernel that answers so, and keeps count of what is open.
   *
   * <p>Thread safety: one thread's.
   */
  private static final class Kernel {
    private final long features;
    private final int all;
    private final int user;
    private final int device;
    private final Set<Integer> open = new HashSet<>();
    private final List<String> asked = new ArrayList<>();
    private int next = FIRST_DESCRIPTOR;

    /**
     * @param all what opening it for all accesses fails with; 0 if it succeeds
     * @param user what it answers for the program's own
     * @param device what it answers for its device
     */
    Kernel(long features, int all, int user, int device) {
      this.features = features;
      this.all = all;
      this.user = user;
      this.device = device;
    }

    Syscalls calls() {
      return (Syscalls)
          Proxy.newProxyInstance(
              Syscalls.class.getClassLoader(),
              new Class<?>[] {Syscalls.class},
              (proxy, method, arguments) -> answer(method, arguments));
    }

    private Object answer(Method method, Object... arguments) {
      asked.add(method.getName());
      return switch (method.getName()) {
        case "syscall" -> (long) opened(((long) arguments[1] & USER_MODE_ONLY) == 0 ? all : user);
        case "open" -> opened(device);
        case "close" -> open.remove(arguments[0]) ? 0 : -Errno.EBADF.number();
        case "ioctl" -> ioctl((int) arguments[0], (long) arguments[1], (long) arguments[2]);
        default -> throw new AssertionError(method.getName());
      };
    }

    private int opened(int error) {
      if (error != 0) {
        return -error;
      }
      open.add(next);
      return next++;
    }

    @SuppressWarnings("restricted") // a struct uffdio_api, which has 24 bytes
    private int ioctl(int fd, long request, long address) {
      assertThat(open).contains(fd);
      if ((request & 0xff) == 0) {
        return opened(0);
      }
      MemorySegment.ofAddress(address).reinterpret(24).set(ValueLayout.JAVA_LONG, 8, features);
      return 0;
    }
  }

  private static Check check(Kernel kernel) {
    Check check = RemoteMemoryChecks.of(kernel.calls());
    assertThat(kernel.open).as("what is left open").isEmpty();
    assertThat(check.name()).isEqualTo("remote memory");
    return check;
  }

  @Test
  @DisplayName("all accesses are served for root, and for users that may open the device")
  void all() {
    Check check = check(new Kernel(WRITE_PROTECTION | POISON, 0, 0, 0));
    assertThat(check.state()).isEqualTo(State.OK);
    assertThat(check.says())
        .isEqualTo("userfaultfd serves all accesses, those of system calls, too");
    int denied = Errno.EPERM.number();
    assertThat(check(new Kernel(WRITE_PROTECTION | POISON, denied, denied, 0))).isEqualTo(check);
  }

  @Test
  @DisplayName(
      "other users have the program's own accesses served, and doctor says what changes that")
  void user() {
    int denied = Errno.EPERM.number();
    Check check = check(new Kernel(WRITE_PROTECTION | POISON, denied, 0, Errno.EACCES.number()));
    assertThat(check.state()).isEqualTo(State.NOTE);
    assertThat(check.says()).contains("a missing page fails with EFAULT");
    assertThat(check.remedy()).contains("vm.unprivileged_userfaultfd=1");
  }

  @Test
  @DisplayName("a container whose seccomp profile forbids the call is told so")
  void seccomp() {
    int denied = Errno.EPERM.number();
    Check check = check(new Kernel(0, denied, denied, Errno.ENOENT.number()));
    assertThat(check.state()).isEqualTo(State.MISSING);
    assertThat(check.says())
        .startsWith("this process may not use userfaultfd (userfaultfd of this process: EPERM)")
        .contains("a container's seccomp profile forbids it");
  }

  @Test
  @DisplayName("a kernel without userfaultfd, one before 5.19 and one before 6.6 are told apart")
  void kernels() {
    int none = Errno.ENOSYS.number();
    assertThat(check(new Kernel(0, none, none, Errno.ENOENT.number())).says())
        .startsWith("this kernel was built without userfaultfd");
    Check old = check(new Kernel(1, 0, 0, 0));
    assertThat(old.state()).isEqualTo(State.MISSING);
    assertThat(old.says()).contains("Linux can since 5.19");
    Check older = check(new Kernel(WRITE_PROTECTION, 0, 0, 0));
    assertThat(older.state()).isEqualTo(State.NOTE);
    assertThat(older.says()).contains("cannot poison pages, which Linux can since 6.6");
    assertThat(older.remedy()).isEqualTo("open remote memories with onOutage(WAIT)");
  }
}
