// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceKind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a machine file would say in its head of a machine. */
final class HeadKeys {
  private static final Pattern FACT = Pattern.compile("# ([a-z-]+)=(.*)");

  private HeadKeys() {}

  /** The keys and their values, without those that have their defaults. */
  static Map<String, String> of(MachineDescription machine) {
    Map<String, String> keys = new LinkedHashMap<>();
    machine
        .toText()
        .lines()
        .takeWhile(line -> line.startsWith("# "))
        .map(FACT::matcher)
        .filter(Matcher::matches)
        .forEach(fact -> keys.put(fact.group(1), fact.group(2)));
    return keys;
  }

  /** Whether a resource is what BARs lie in: a firmware's map lists none such. */
  static boolean leadsToDevices(Resource resource) {
    return resource.kind() == ResourceKind.PCI_BUS;
  }
}
