// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceKind;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a machine file would say in its head of a machine. */
final class HeadKeys {
  private HeadKeys() {}

  /** The keys and their values, without those that have their defaults. */
  static Map<String, String> of(MachineDescription machine) {
    Map<String, String> keys = new LinkedHashMap<>();
    machine
        .toText()
        .lines()
        .takeWhile(line -> line.startsWith("# "))
        .forEach(
            line -> {
              int equals = line.indexOf('=');
              keys.put(line.substring(2, equals), line.substring(equals + 1));
            });
    return keys;
  }

  /** Whether a resource is what BARs lie in: a firmware's map lists none such. */
  static boolean leadsToDevices(Resource resource) {
    return resource.kind() == ResourceKind.PCI_BUS;
  }
}
