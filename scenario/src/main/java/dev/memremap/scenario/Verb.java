// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

/**
 * One operation's syntax.
 *
 * @param usage the operation as a user writes it, its own word first
 * @param atLeast fewest arguments
 * @param atMost most arguments
 * @param form reads the arguments, whose number has been checked
 */
record Verb(String usage, int atLeast, int atMost, Form form) {
  /** Reads a statement's arguments and checks its names. */
  interface Form {
    Operation read(Statement statement, NameTable names);
  }

  String name() {
    int blank = usage.indexOf(' ');
    return blank < 0 ? usage : usage.substring(0, blank);
  }

  Operation read(Statement statement, NameTable names) {
    statement.expectArguments(atLeast, atMost, usage);
    return form.read(statement, names);
  }
}
