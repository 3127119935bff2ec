// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import dev.memremap.machine.MachineDescription.Bar;
import dev.memremap.resource.Memparse;
import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What {@code lspci -vv} prints: the memory of each device's BARs with their numbers, and the
 * driver that uses the device.
 */
final class LspciList {
  private static final Pattern DEVICE =
      Pattern.compile("((?:[0-9a-fA-F]{4,8}:)?[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7]) (?!.*==>).*");
  private static final Pattern REGION =
      Pattern.compile(
          "Region ([0-5]): (?:\\[(?:virtual|enhanced)\\] ){0,2}+Memory at ([0-9a-fA-F]{1,16})"
              + " \\(([^)]{0,80})\\)(?: \\[(?:virtual|disabled|enhanced)\\]){0,3}+"
              + " \\[size=([0-9]{1,6}[KMGTP]?)\\].*");
  private static final Pattern DRIVER =
      Pattern.compile("Kernel driver in use: ([A-Za-z0-9_.+-]{1,80})");

  private LspciList() {}

  /**
   * The BARs in their order.
   *
   * @throws IllegalArgumentException if one wraps around; the sentence names file and line
   */
  static List<Bar> bars(FileText file) {
    List<Bar> all = new ArrayList<>();
    List<Bar> ofDevice = new ArrayList<>();
    @Nullable String device = null;
    @Nullable String driver = null;
    String[] lines = file.lines();
    for (int i = 0; i < lines.length; i++) {
      String line = LinePrefix.stripMarks(lines[i]);
      Matcher head = DEVICE.matcher(line);
      if (head.matches()) {
        end(ofDevice, driver, all);
        device = withDomain(head.group(1));
        driver = null;
        continue;
      }
      Matcher region = REGION.matcher(line.strip());
      if (device != null && region.matches()) {
        ofDevice.add(bar(file, i + 1, device, region));
      }
      Matcher use = DRIVER.matcher(line.strip());
      if (use.matches()) {
        driver = use.group(1);
      }
    }
    end(ofDevice, driver, all);
    return all;
  }

  private static void end(List<Bar> ofDevice, @Nullable String driver, List<Bar> all) {
    for (Bar bar : ofDevice) {
      all.add(new Bar(bar.device(), bar.index(), bar.range(), bar.prefetchable(), driver));
    }
    ofDevice.clear();
  }

  private static String withDomain(String device) {
    String lower = device.toLowerCase(java.util.Locale.ROOT);
    return lower.indexOf(':') == 2 ? "0000:" + lower : lower;
  }

  private static Bar bar(FileText file, int line, String device, Matcher region) {
    String kind = region.group(3);
    try {
      PhysRange range =
          PhysRange.of(
              Long.parseUnsignedLong(region.group(2), 16), Memparse.parse(region.group(4)));
      boolean prefetch = kind.contains("prefetchable") && !kind.contains("non-prefetchable");
      return new Bar(device, Integer.parseInt(region.group(1)), range, prefetch, null);
    } catch (IllegalArgumentException e) {
      throw file.error(
          line, "region %s of %s: %s".formatted(region.group(1), device, e.getMessage()));
    }
  }
}
