// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.terminal.Output;
import dev.memremap.cli.terminal.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * A command line that ran in this JVM, without colours.
 *
 * @param status its exit status
 * @param out what it printed
 * @param err what it said on standard error
 */
public record CommandRun(int status, String out, String err) {
  /** Runs {@code memremap}. */
  public static CommandRun run(String... words) {
    return of(MemremapCommand.commandLine(), words);
  }

  /** Runs another command of ours. */
  public static CommandRun of(CommandLine command, String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CommandRun run = into(Output.of(out, false), command, words);
    return new CommandRun(run.status, out.toString(StandardCharsets.UTF_8), run.err);
  }

  /** Runs a command of ours whose output goes elsewhere. */
  public static CommandRun into(Output out, CommandLine command, String... words) {
    StringWriter err = new StringWriter();
    command.setOut(out).setErr(new PrintWriter(err, true));
    command.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    return new CommandRun(Terminal.execute(command, words), "", err.toString());
  }

  /** What it printed, line by line. */
  public List<String> lines() {
    return out.lines().toList();
  }

  /** The value of a fact in the JSON that it printed; a missing node if it printed none. */
  public JsonNode fact(String id) {
    for (JsonNode fact : json().path("facts")) {
      if (fact.path("fact").asString().equals(id)) {
        return fact.path("value");
      }
    }
    return MissingNode.getInstance();
  }

  /** What it printed, as JSON that is valid by its schema. */
  public JsonNode json() {
    return Schemas.check(out);
  }
}
