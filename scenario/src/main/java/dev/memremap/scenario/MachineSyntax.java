// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The syntax of {@code machine}, {@code device} and {@code device-release}. */
final class MachineSyntax {
  /** The keys a machine's description has. */
  private static final Set<String> KEYS =
      new LinkedHashSet<>(
          List.of("arch", "phys-bits", "mtrr-uc", "memtype", "mem-encrypt", "memmap", "pages"));

  static final List<Verb> VERBS =
      List.of(
          new Verb("machine SPEC [KEY=VALUE…]", 1, 1 + KEYS.size(), MachineSyntax::machine),
          new Verb(
              "device D",
              1,
              1,
              (s, names) ->
                  new DeviceOperation.Device(
                      s.line(), names.define(s, s.argument(0), NameTable.Kind.DEVICE))),
          new Verb(
              "device-release D",
              1,
              1,
              (s, names) ->
                  new DeviceOperation.DeviceRelease(
                      s.line(), names.use(s, s.argument(0), NameTable.Kind.DEVICE))));

  private MachineSyntax() {}

  private static Operation machine(Statement statement, NameTable names) {
    KeyValues pairs = KeyValues.of(statement, 1, KEYS);
    List<SelectMachine.Setting> settings = new ArrayList<>();
    pairs.forEach(
        (key, value) ->
            settings.add(new SelectMachine.Setting(key.text(), value.text(), key.column())));
    Word spec = statement.argument(0);
    return new SelectMachine(statement.line(), spec.text(), spec.column(), settings);
  }
}
