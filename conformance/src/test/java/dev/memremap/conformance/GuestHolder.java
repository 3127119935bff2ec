// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.nio.file.Path;
import java.util.List;

/** A JVM that holds a guest until it is killed. */
public final class GuestHolder {
  private GuestHolder() {}

  /**
   * Starts a guest and prints QEMU's process id; with an argument, the fake QEMU of that folder.
   */
  public static void main(String[] arguments) throws InterruptedException {
    GuestMachine.Builder machine =
        arguments.length == 0
            ? GuestMachine.builder(GuestKernel.find()).channel()
            : FakeQemu.in(Path.of(arguments[0])).machine();
    RunningGuest guest =
        machine.ivshmem(1 << 20).build().start(List.of("sh", "-c", "echo awake; sleep 100000"));
    System.out.println(guest.pid());
    guest.await(GuestLimits.find().command());
  }
}
