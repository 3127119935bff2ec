// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static dev.memremap.scenario.NameTable.Kind.REF;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The syntax of the operations on references. */
final class RefSyntax {
  private interface OnName {
    Operation make(int line, String name);
  }

  private interface OnCount {
    Operation make(int line, String name, long count);
  }

  private static final Set<String> INIT_WORDS = Set.of("atomic", "dead", "reinit");

  static final List<Verb> VERBS =
      List.of(
          new Verb("ref NAME [atomic] [dead] [reinit]", 1, 4, RefSyntax::ref),
          counted("ref-get", RefOperation.RefGet::new),
          counted("ref-put", RefOperation.RefPut::new),
          plain("ref-tryget", RefOperation.RefTryget::new),
          plain("ref-tryget-live", RefOperation.RefTrygetLive::new),
          plain("ref-kill", RefOperation.RefKill::new),
          plain("ref-reinit", RefOperation.RefReinit::new),
          plain("ref-resurrect", RefOperation.RefResurrect::new),
          plain("ref-to-atomic", RefOperation.RefToAtomic::new),
          plain("ref-to-percpu", RefOperation.RefToPercpu::new),
          plain("ref-state", RefOperation.RefState::new),
          plain("ref-exit", RefOperation.RefExit::new));

  private RefSyntax() {}

  private static Operation ref(Statement statement, NameTable names) {
    String name = names.define(statement, statement.argument(0), REF);
    Set<String> given = new HashSet<>();
    for (Word word : statement.arguments().subList(1, statement.arguments().size())) {
      if (!INIT_WORDS.contains(word.text())) {
        throw statement.error(
            word, word.quoted() + " is not a reference's init flag: atomic, dead or reinit");
      }
      if (!given.add(word.text())) {
        throw statement.error(word, "the init flag %s is given twice".formatted(word.text()));
      }
    }
    return new RefOperation.Ref(
        statement.line(),
        name,
        given.contains("atomic"),
        given.contains("dead"),
        given.contains("reinit"));
  }

  private static Verb plain(String verb, OnName operation) {
    return new Verb(
        verb + " R",
        1,
        1,
        (s, names) -> operation.make(s.line(), names.use(s, s.argument(0), REF)));
  }

  private static Verb counted(String verb, OnCount operation) {
    return new Verb(
        verb + " R [N]",
        1,
        2,
        (s, names) ->
            operation.make(
                s.line(),
                names.use(s, s.argument(0), REF),
                s.arguments().size() == 1 ? 1 : s.count(s.argument(1))));
  }
}
