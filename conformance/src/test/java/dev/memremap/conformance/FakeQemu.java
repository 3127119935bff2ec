// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A shell script in QEMU's place: it gets QEMU's options, and writes to the guest's serial ports
 * what a guest would. So a test decides how each boot ends, and takes milliseconds.
 */
final class FakeQemu {
  /** The guest's kernel panics before its command runs. */
  static final String PANIC =
      "echo \"Kernel panic - not syncing: IO-APIC + timer doesn't work!\" >\"$kernel\"";

  /** The guest comes to its command. */
  static final String START = "echo 'started 1.00' >\"$status\"";

  /** The command ends. */
  static final String EXIT = "echo 'exit 0' >>\"$status\"";

  /** QEMU runs on for as long as the test does; under the command line it was started with. */
  static final String RUN_ON = "while :; do sleep 1; done";

  /** QEMU is killed, as the kernel does it when memory is short. */
  static final String KILLED = "kill -9 $$";

  private final Path home;

  private FakeQemu(Path home) {
    this.home = home;
  }

  /**
   * Makes one.
   *
   * @param home an empty directory
   * @param boots the shell commands of each boot, in the order of the boots; the last one's are
   *     those of all further boots
   */
  static FakeQemu of(Path home, String... boots) throws IOException {
    StringBuilder script = new StringBuilder();
    script.append(
        """
        #!/bin/sh
        while [ "$1" != -initrd ]; do shift; done
        directory=$(dirname "$2")
        kernel=$directory/kernel output=$directory/output status=$directory/status
        echo "$directory" >>'%1$s/boots'
        case $(wc -l <'%1$s/boots') in
        """
            .formatted(home));
    for (int i = 0; i < boots.length; i++) {
      String which = i == boots.length - 1 ? "*" : Integer.toString(i + 1);
      script.append(which).append(") ").append(boots[i]).append(" ;;\n");
    }
    script.append("esac\n");
    Path file = Files.writeString(home.resolve("fake-qemu"), script);
    file.toFile().setExecutable(true);
    Path modules = Files.createDirectories(home.resolve("lib/modules/6.1.0-9-amd64"));
    Files.writeString(
        modules.resolve("modules.builtin"),
        "kernel/virtio_pci.ko\nkernel/9pnet_virtio.ko\nkernel/9p.ko\nkernel/overlay.ko\n");
    Files.createDirectories(home.resolve("boot"));
    Files.createFile(home.resolve("boot/vmlinuz-6.1.0-9-amd64"));
    return new FakeQemu(home);
  }

  /** The one that lies in a directory. */
  static FakeQemu in(Path home) {
    return new FakeQemu(home);
  }

  /** A kernel that has what every guest needs, and that nothing boots. */
  GuestKernel kernel() {
    return GuestKernel.in(home);
  }

  /** A machine that this boots. */
  GuestMachine.Builder machine() {
    return GuestMachine.builder(kernel())
        .tools(new HostTools(home.resolve("fake-qemu"), HostTools.findBusybox()));
  }

  /** The guests' temporary directories, one for each boot. */
  List<Path> boots() throws IOException {
    return Files.readAllLines(home.resolve("boots")).stream().map(Path::of).toList();
  }
}
