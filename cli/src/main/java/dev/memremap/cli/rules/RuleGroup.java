// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.rules;

import dev.memremap.rule.Rule;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What rules are about, by the letters before their numbers. */
public enum RuleGroup {
  /** The document's words. */
  W("what the Linux document says"),
  /** Settled questions. */
  C("what the document leaves open"),
  /** Departures. */
  D("where every kernel answers otherwise"),
  /** A library's promises. */
  LIB("what only a library has to promise"),
  /** The resource tree. */
  RES("resources"),
  /** region_intersects. */
  RI("how a range lies to System RAM"),
  /** memremap. */
  MR("memremap"),
  /** memunmap, and memremap through a device. */
  MU("memunmap, and memremap through a device"),
  /** ioremap. */
  IO("ioremap"),
  /** Encryption. */
  ENC("memory encryption"),
  /** Memory types. */
  MT("memory types"),
  /** References. */
  PR("references"),
  /** Altmaps. */
  AM("altmaps"),
  /** Namespaces. */
  NS("namespaces of persistent memory"),
  /** Making page maps. */
  DP("making a page map"),
  /** Their end. */
  TD("unmapping a page map"),
  /** Their types. */
  TY("types of page maps"),
  /** Lookups. */
  GP("lookups of page maps"),
  /** Memory failures. */
  MF("memory failures"),
  /** Managed resources. */
  DR("managed resources of a device");

  private final String title;

  RuleGroup(String title) {
    this.title = title;
  }

  /** What its rules are about. */
  public String title() {
    return title;
  }

  /** The group of these letters, in upper or lower case. */
  public static Optional<RuleGroup> named(String letters) {
    String name = letters.toUpperCase(Locale.ROOT);
    return Arrays.stream(values()).filter(group -> group.name().equals(name)).findAny();
  }

  /** The group of a rule. */
  public static RuleGroup of(Rule rule) {
    String name = rule.name();
    return valueOf(name.substring(0, name.lastIndexOf('_')));
  }

  /** Its rules, by their numbers. */
  public List<Rule> rules() {
    return Arrays.stream(Rule.values()).filter(rule -> of(rule) == this).toList();
  }
}
