// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static dev.memremap.conformance.FakeQemu.EXIT;
import static dev.memremap.conformance.FakeQemu.KILLED;
import static dev.memremap.conformance.FakeQemu.PANIC;
import static dev.memremap.conformance.FakeQemu.RUN_ON;
import static dev.memremap.conformance.FakeQemu.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.testing.LoggedLines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which guests are booted again, by a QEMU that is a shell script. */
class GuestBootTest {
  private static final String BOOTS = "echo hello >\"$output\"; " + START + "; " + EXIT;

  @TempDir private Path directory;

  private final LoggedLines log = new LoggedLines("dev.memremap.conformance");

  @BeforeEach
  void busyboxIsThere() {
    Guests.assumeBusybox();
  }

  @AfterEach
  void closeLog() {
    log.close();
  }

  private static GuestRun run(FakeQemu qemu) throws InterruptedException {
    return qemu.machine().build().run(List.of("true"), GuestLimits.find().command());
  }

  private void assertBooted(FakeQemu qemu, int times) throws Exception {
    assertThat(qemu.boots()).hasSize(times).doesNotHaveDuplicates();
    assertThat(qemu.boots()).allSatisfy(files -> assertThat(files).doesNotExist());
    assertThat(log.lines()).hasSize(times - 1);
  }

  static Stream<Arguments> byChance() {
    String dirty = "echo left over >\"$output\"; echo left over >\"$kernel\"; ";
    return Stream.of(
        Arguments.of(dirty + PANIC, "The guest's kernel panicked: IO-APIC + timer doesn't work!"),
        Arguments.of(
            dirty + KILLED, "QEMU was killed by signal 9 (SIGKILL) while the guest booted;"),
        Arguments.of(
            "echo 'qemu: terminating on signal 15 from pid 7 (sh)'; exit 0",
            "QEMU was killed by signal 15 (SIGTERM) while the guest booted; something outside"),
        Arguments.of(dirty + "exit 0", "QEMU ended with status 0 before the command did"));
  }

  @ParameterizedTest
  @MethodSource("byChance")
  @DisplayName(
      "A guest that chance ends before its command runs is booted again, and that is logged")
  void again(String boot, String reason) throws Exception {
    FakeQemu qemu = FakeQemu.of(directory, boot, boot, BOOTS);

    GuestRun run = run(qemu);

    assertThat(run.exitStatus()).isZero();
    assertThat(run.output()).as("of the last boot alone").isEqualTo("hello\n");
    assertThat(run.kernelLog()).isEmpty();
    assertBooted(qemu, 3);
    assertThat(log.lines().get(0))
        .startsWith("The guest is booted again (boot 2 of 3): " + reason)
        .doesNotContain("\n");
    assertThat(log.lines().get(1)).startsWith("The guest is booted again (boot 3 of 3): " + reason);
  }

  static Stream<Arguments> thrice() {
    return Stream.of(
        Arguments.of(PANIC, GuestPanicException.class, "The guest's kernel panicked: IO-APIC"),
        Arguments.of(KILLED, GuestKilledException.class, "QEMU was killed by signal 9 (SIGKILL)"),
        Arguments.of("exit 0", GuestEndedException.class, "QEMU ended with status 0"));
  }

  @ParameterizedTest
  @MethodSource("thrice")
  @DisplayName(
      "After three boots without a start the exception says so, and why the last one ended")
  void givesUp(String boot, Class<?> type, String reason) throws Exception {
    FakeQemu qemu = FakeQemu.of(directory, boot);
    assertThatThrownBy(() -> run(qemu))
        .isInstanceOf(type)
        .hasMessageStartingWith(
            "The guest did not come to its command in 3 boots; the last time: " + reason);
    assertBooted(qemu, 3);
  }

  @Test
  @DisplayName("A boot that hangs is ended at its limit, and booted again")
  void hangs() throws Exception {
    // on a busy machine the limit may be over before the script writes its id
    Path ids = Files.createFile(directory.resolve("ids"));
    FakeQemu qemu = FakeQemu.of(directory, "echo $$ >>'" + ids + "'; " + RUN_ON);
    GuestMachine machine = qemu.machine().limits(new GuestLimits(0.001)).build();
    assertThatThrownBy(() -> machine.start(List.of("true")))
        .isInstanceOf(GuestTimeoutException.class)
        .hasMessage(
            "The guest did not come to its command in 3 boots; the last time: The guest did not run"
                + " its command within 0.6 s; it was killed");
    assertThat(log.lines()).hasSize(2);
    assertThat(Files.readAllLines(ids))
        .allSatisfy(id -> assertThat(ProcessHandle.of(Long.parseLong(id))).isEmpty());
  }

  static Stream<Arguments> forGood() {
    return Stream.of(
        Arguments.of(
            "QEMU refuses its options",
            "echo 'qemu: no such device'; exit 1",
            "QEMU ended with status 1 before the command did: qemu: no such device"),
        Arguments.of(
            "the guest's init gives up",
            "echo 'failed the kernel did not load the module x' >\"$status\"",
            "The guest gave up: the kernel did not load the module x"),
        Arguments.of(
            "the kernel panics when the command runs",
            START + "; " + PANIC,
            "The guest's kernel panicked: IO-APIC"),
        Arguments.of(
            "QEMU is killed when the command runs",
            START + "; " + KILLED,
            "QEMU was killed by signal 9 (SIGKILL) while the guest's command ran; something outside,"
                + " such as the kernel's out-of-memory killer, did it"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forGood")
  @DisplayName(
      "A guest is not booted again after its command started, nor where QEMU or init refuses")
  void once(String what, String boot, String sentence) throws Exception {
    FakeQemu qemu = FakeQemu.of(directory, boot);
    assertThatThrownBy(() -> run(qemu)).as(what).hasMessageStartingWith(sentence);
    assertBooted(qemu, 1);
  }

  @Test
  @DisplayName("A guest that is closed in the middle of its command is gone with its files")
  void closed() throws Exception {
    FakeQemu qemu = FakeQemu.of(directory, START + "; " + RUN_ON);
    RunningGuest guest = qemu.machine().ivshmem(1 << 20).build().start(List.of("true"));
    Path files = qemu.boots().getFirst();
    assertThat(files.resolve("ivshmem0")).hasSize(1 << 20);
    guest.close();
    assertThat(ProcessHandle.of(guest.pid())).isEmpty();
    assertBooted(qemu, 1);
  }
}
