// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.conformance.GuestNeed;
import dev.memremap.linux.LinuxHostMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostChecksTest {
  @TempDir Path root;

  private HostChecks checks() {
    return new HostChecks(root);
  }

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private static void assertCheck(Check check, Check.State state, String says) {
    assertThat(check.state()).isEqualTo(state);
    assertThat(check.says()).isEqualTo(says);
    if (state == Check.State.MISSING) {
      assertThat(check.remedy()).as("what to do").isNotEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "000001ffffffffff, OK, 'CAP_SYS_ADMIN, CAP_SYS_RAWIO and CAP_DAC_OVERRIDE'",
    "0000000000000000, MISSING, 'no CAP_SYS_ADMIN, no CAP_SYS_RAWIO, no CAP_DAC_OVERRIDE'",
    "0000000000200002, MISSING, no CAP_SYS_RAWIO",
    "0000000000020002, MISSING, no CAP_SYS_ADMIN",
    "0000000000220000, MISSING, no CAP_DAC_OVERRIDE",
  })
  @DisplayName("privileges are those that the process has now")
  void privileges(String effective, Check.State state, String says) throws IOException {
    write(
        "proc/self/status", "Name:\tjava\nCapPrm:\t000001ffffffffff\nCapEff:\t" + effective + "\n");
    assertCheck(checks().privileges(), state, says);
  }

  @Test
  @DisplayName("a map of zeros is told from one with addresses, and from one that is not there")
  void iomem() throws IOException {
    assertCheck(checks().iomem(), Check.State.MISSING, "no such file or folder");
    write("proc/iomem", "00000000-00000000 : System RAM\n  00000000-00000000 : Kernel code\n");
    assertCheck(checks().iomem(), Check.State.MISSING, "shows zeros in place of addresses");
    write("proc/iomem", "00000000-00000fff : Reserved\n00001000-3fffffff : System RAM\n");
    assertCheck(checks().iomem(), Check.State.OK, "2 resources, with their addresses");
    write("proc/iomem", "");
    assertCheck(checks().iomem(), Check.State.MISSING, "lists nothing");
  }

  @ParameterizedTest
  @CsvSource({
    "1000, 0000000000000000, run as root: sudo memremap …",
    "0, 0000000000020002, 'run outside of this container, or let it have CAP_SYS_ADMIN, with"
        + " docker''s --cap-add for one'",
    "0, 000001ffffffffff, run outside of this container or user namespace",
  })
  @DisplayName("only where this is not root is it told to become root")
  void becomeRoot(int user, String effective, String remedy) throws IOException {
    write(
        "proc/self/status",
        "Name:\tjava\nUid:\t0\t%d\t0\t0\nCapEff:\t%s\n".formatted(user, effective));
    write("proc/iomem", "00000000-00000000 : System RAM\n");
    assertThat(checks().iomem().remedy()).isEqualTo(remedy);
  }

  @Test
  @DisplayName("the command is named as it was called, in words of a shell")
  void namedAsCalled() {
    assertThat(HostChecks.asRoot("./memremap")).isEqualTo("run as root: sudo ./memremap …");
    assertThat(HostChecks.asRoot("/opt/my folder/it's/memremap"))
        .isEqualTo("run as root: sudo '/opt/my folder/it'\\''s/memremap' …");
  }

  @Test
  @DisplayName("of a locked kernel root is told how to boot another, for /dev/mem, too")
  void locked() throws IOException {
    String unlocked =
        "boot without Secure Boot, and without lockdown= on the kernel's command line";
    write("sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
    assertThat(checks().lockdown().remedy()).isEqualTo(unlocked);
    write("proc/self/status", "Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n");
    Files.createDirectories(root.resolve("dev"));
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(root.resolve("dev/mem")));
      assertThat(checks().devMem().remedy()).isEqualTo(unlocked);
    }
  }

  @Test
  @DisplayName("lockdown that is not known is a note")
  void lockdownUnknown() {
    assertThat(checks().lockdown().state()).isEqualTo(Check.State.NOTE);
  }

  @Test
  @DisplayName("cache modes are looked at where the processor is an x86 alone")
  void otherProcessor() {
    assertThat(new HostChecks(root, "aarch64").files())
        .extracting(Check::name)
        .contains("/dev/mem")
        .doesNotContain("cache modes");
    assertThat(new HostChecks(root, "amd64").files())
        .extracting(Check::name)
        .contains("cache modes");
  }

  @Test
  @DisplayName("what brings libpmem is the remedy, and no part of what is said")
  void libpmem() {
    Check check =
        HostChecks.persistence(
            Optional.of("libpmem is not installed ('apt-get install libpmem1')"));
    assertThat(check.says())
        .isEqualTo("persistent memory cannot be written back: libpmem is not installed");
    assertThat(check.remedy()).isEqualTo("apt-get install libpmem1");
    LinuxHostMemory.missingForPersistence()
        .ifPresent(
            missing ->
                assertThat(HostChecks.persistence(Optional.of(missing)).remedy())
                    .isEqualTo("apt-get install libpmem1"));
  }

  @Test
  @DisplayName("a look that fails is a line like others")
  void failing() {
    List<Throwable> failures =
        List.of(
            new IllegalStateException("odd"),
            new NoClassDefFoundError("a/B"),
            new UncheckedIOException(new AccessDeniedException("/cache")));
    assertThat(failures)
        .extracting(
            failure ->
                Check.looked(
                        Check.Group.GUESTS,
                        "guests",
                        () -> {
                          switch (failure) {
                            case RuntimeException e -> throw e;
                            case Error e -> throw e;
                            default -> throw new AssertionError(failure);
                          }
                        })
                    .getFirst())
        .allSatisfy(check -> assertThat(check.state()).isEqualTo(Check.State.MISSING))
        .extracting(Check::says)
        .containsExactly(
            "cannot be looked at: java.lang.IllegalStateException: odd",
            "cannot be looked at: java.lang.NoClassDefFoundError: a/B",
            "cannot be looked at: permission denied");
  }

  @Test
  @DisplayName("a guest's need has its remedy apart, and what is fetched on demand is a note")
  void guests() {
    assertThat(
            GuestChecks.of(
                new GuestNeed(
                    "QEMU", "", "No qemu here", "apt-get install qemu-system-x86", false)))
        .isEqualTo(
            Check.missing(
                Check.Group.GUESTS, "QEMU", "No qemu here", "apt-get install qemu-system-x86"));
    assertThat(GuestChecks.of(new GuestNeed("Linux 6.12", "", "not here yet", "it", true)).state())
        .isEqualTo(Check.State.NOTE);
  }

  @ParameterizedTest
  @CsvSource({
    "'[none] integrity confidentiality', OK, none",
    "'none [integrity] confidentiality', NOTE, 'integrity: /dev/mem and the BARs of PCI devices"
        + " cannot be opened'",
  })
  @DisplayName("lockdown is what stands in brackets")
  void lockdown(String text, Check.State state, String says) throws IOException {
    write("sys/kernel/security/lockdown", text + "\n");
    assertCheck(checks().lockdown(), state, says);
  }

  @Test
  @DisplayName("/dev/mem is opened for a moment, and a reason is given where that fails")
  void devMem() throws IOException {
    assertThat(checks().devMem().state()).isEqualTo(Check.State.NOTE);
    write("dev/mem", "");
    assertThat(checks().devMem().state()).isEqualTo(Check.State.OK);
    Files.delete(root.resolve("dev/mem"));
    // the file of a socket exists, and cannot be opened by anyone
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(root.resolve("dev/mem")));
      Check check = checks().devMem();
      assertThat(check.state()).isEqualTo(Check.State.NOTE);
      assertThat(check.says()).startsWith("does not open: ");
      assertThat(check.remedy()).contains("root");
    }
  }

  @Test
  @DisplayName("each file that would tell the cache modes is named with why it cannot be read")
  void memoryTypes() throws IOException {
    write("proc/mtrr", "");
    assertCheck(
        checks().memoryTypes(),
        Check.State.NOTE,
        "assumed in part: no /sys/kernel/debug/x86/pat_memtype_list (no such file or folder)");
    assertThat(checks().memoryTypes().remedy())
        .isEqualTo("as root: mount -t debugfs none /sys/kernel/debug");
    write("sys/kernel/debug/x86/pat_memtype_list", "");
    assertThat(checks().memoryTypes().state()).isEqualTo(Check.State.OK);
  }

  @ParameterizedTest
  @CsvSource({
    "8, true, OK, '8 set aside, hugetlbfs mounted'",
    "0, true, NOTE, '0 set aside, hugetlbfs mounted'",
    "8, false, NOTE, '8 set aside, hugetlbfs not mounted'",
  })
  @DisplayName("huge pages are set aside, and a file system has them")
  void hugePages(String pages, boolean mounted, Check.State state, String says) throws IOException {
    write("proc/sys/vm/nr_hugepages", pages + "\n");
    write("proc/mounts", mounted ? "none /dev/hugepages hugetlbfs rw 0 0\n" : "");
    assertCheck(checks().hugePages(), state, says);
  }
}
