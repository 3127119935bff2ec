// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Device;
import dev.memremap.Machine;
import dev.memremap.devres.Devres;
import dev.memremap.devres.DevresRelease;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import java.util.List;
import java.util.function.Predicate;

/** The cases of callbacks that a device's resources call. */
final class DevresCallbackCases {
  private DevresCallbackCases() {}

  static void releases(CallbackCases cases) {
    DevresRelease<String> noted =
        new DevresRelease<>() {
          @Override
          public void release(String data) {
            cases.enter("a release");
            throw new IllegalStateException("so that it is asked whether the record is kept");
          }

          @Override
          public boolean isKeptOnFailure() {
            cases.enter("isKeptOnFailure");
            return false;
          }
        };
    try (Machine machine = CallbackCases.machine()) {
      Device device = machine.newDevice("d");
      Runnable add = () -> device.devres().add(device.devres().alloc(noted, "data"));
      add.run();
      failing(() -> device.devres().release(noted, null));
      add.run();
      failing(device::release);
      add.run();
      Object group = device.devres().openGroup(null);
      add.run();
      failing(() -> device.devres().releaseGroup(group));
      failing(machine::close);
    }
  }

  private static void failing(Runnable step) {
    try {
      step.run();
    } catch (IllegalStateException expected) {
      assertThat(expected).hasMessageContaining("so that it is asked");
    }
  }

  static void matches(CallbackCases cases) {
    Devres devres = new Devres();
    DevresRelease<String> kind = data -> {};
    for (String data : List.of("one", "other", "third")) {
      devres.add(devres.alloc(kind, data));
    }
    Predicate<String> match =
        data -> {
          cases.enter("a match");
          return data.equals("one");
        };
    devres.find(kind, match);
    devres.remove(kind, match);
    devres.add(devres.alloc(kind, "one"));
    devres.destroy(kind, match);
    devres.add(devres.alloc(kind, "one"));
    devres.release(kind, match);
  }

  static void actions(CallbackCases cases) {
    try (Machine machine = CallbackCases.machine()) {
      Device device = machine.newDevice("d");
      Runnable action = () -> cases.enter("an action");
      device.devres().addAction(action);
      device.memremap(CallbackCases.LOG, MemremapFlag.WC);
      device.devres().addAction(action);
      device.release();
      device.devres().addAction(action);
      device.devres().releaseAction(action);
      device.devres().addAction(action);
      device.devres().removeAction(action);
      device.devres().addAction(action);
      failing(
          () -> {
            try {
              new Devres(0).addActionOrReset(action);
            } catch (MemremapException full) {
              assertThat(full.errno()).isEqualTo(Errno.ENOMEM);
            }
          });
    }
  }

  static void used(CallbackCases cases) {
    Devres devres = new Devres(1, () -> cases.enter("used"));
    devres.addAction(() -> {});
  }

  static void groups(CallbackCases cases) {
    Object name =
        new Object() {
          @Override
          @SuppressWarnings("EqualsUnsafeCast")
          public boolean equals(Object other) {
            cases.enter("equals of a group's name");
            return this == other;
          }

          @Override
          public int hashCode() {
            return 1;
          }

          @Override
          public String toString() {
            cases.enter("toString of a group's name");
            return "a group";
          }
        };
    Devres devres = new Devres();
    devres.openGroup(name);
    devres.openGroup(null);
    devres.closeGroup(name);
    devres.removeGroup(name);
    for (Runnable gone :
        List.<Runnable>of(
            () -> devres.closeGroup(name),
            () -> devres.removeGroup(name),
            () -> devres.releaseGroup(name))) {
      try {
        gone.run();
      } catch (MemremapException absent) {
        assertThat(absent.errno()).isEqualTo(Errno.ENOENT);
      }
    }
  }
}
