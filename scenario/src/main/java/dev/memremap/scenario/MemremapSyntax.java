// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static dev.memremap.scenario.NameTable.Kind.MAPPING;

import dev.memremap.MemremapFlag;
import java.util.List;

/** The syntax of the operations on mappings. */
final class MemremapSyntax {
  static final List<Verb> VERBS =
      List.of(
          new Verb(
              "region START SIZE",
              2,
              2,
              (s, names) ->
                  new MemremapOperation.Region(
                      s.line(), s.number(s.argument(0)), s.number(s.argument(1)))),
          new Verb("memremap NAME OFFSET SIZE FLAGS", 4, 4, MemremapSyntax::memremap),
          new Verb(
              "memunmap NAME",
              1,
              1,
              (s, names) ->
                  new MemremapOperation.Memunmap(s.line(), names.use(s, s.argument(0), MAPPING))),
          new Verb(
              "load NAME OFFSET WIDTH",
              3,
              3,
              (s, names) ->
                  new MemremapOperation.Load(
                      s.line(),
                      names.use(s, s.argument(0), MAPPING),
                      s.number(s.argument(1)),
                      s.width(s.argument(2)))),
          new Verb(
              "store NAME OFFSET WIDTH VALUE",
              4,
              4,
              (s, names) ->
                  new MemremapOperation.Store(
                      s.line(),
                      names.use(s, s.argument(0), MAPPING),
                      s.number(s.argument(1)),
                      s.width(s.argument(2)),
                      s.number(s.argument(3)))));

  private MemremapSyntax() {}

  private static Operation memremap(Statement s, NameTable names) {
    return new MemremapOperation.Memremap(
        s.line(),
        names.define(s, s.argument(0), MAPPING),
        s.number(s.argument(1)),
        s.number(s.argument(2)),
        flags(s, s.argument(3)));
  }

  /** A number, or flags' names joined by {@code |}. */
  private static long flags(Statement statement, Word word) {
    if (!word.text().isEmpty() && Character.isDigit(word.text().charAt(0))) {
      return statement.number(word);
    }
    long mask = 0;
    for (Word name : word.split('|')) {
      mask |= flag(statement, name).bit();
    }
    return mask;
  }

  private static MemremapFlag flag(Statement statement, Word name) {
    for (MemremapFlag flag : MemremapFlag.values()) {
      if (flag.name().equals(name.text())) {
        return flag;
      }
    }
    throw statement.error(
        name, name.quoted() + " is not a flag: a number, or WB, WT, WC, ENC, DEC joined by '|'");
  }
}
