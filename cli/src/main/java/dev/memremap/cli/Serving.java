// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.json.RemarksJson;
import dev.memremap.cli.terminal.ExitStatus;
import dev.memremap.cli.terminal.OutputFile;
import dev.memremap.cli.terminal.StandardStreams;
import dev.memremap.cli.terminal.UsageException;
import dev.memremap.rule.MemremapException;
import dev.memremap.scenario.MachineExecutor;
import dev.memremap.scenario.Scenario;
import dev.memremap.scenario.ScenarioSyntaxException;
import dev.memremap.serve.DescribedSubject;
import dev.memremap.serve.FileSubject;
import dev.memremap.serve.JvmSubject;
import dev.memremap.serve.ListenAddress;
import dev.memremap.serve.RunSubject;
import dev.memremap.serve.StaticPages;
import dev.memremap.serve.Subject;
import dev.memremap.serve.Token;
import dev.memremap.serve.WebServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** Serves pages, or writes them. */
final class Serving {
  /** More than a token has, in bytes, with blanks around it. */
  private static final int LONGEST_TOKEN_FILE = 4_096;

  private final MachineOption machine;
  private final CommandLine command;
  private final Wanted wanted;

  /**
   * What a user asked for.
   *
   * @param scenario what is shown; null for a machine or another JVM
   * @param attach the process number of the other JVM; null for a machine or a scenario
   * @param port where to listen
   * @param listen the address; null for this computer alone
   * @param tokenFile what readers have to know; null if nothing was said
   * @param export the folder into which pages are written; null serves them
   */
  record Wanted(
      @Nullable Path scenario,
      @Nullable Long attach,
      int port,
      @Nullable String listen,
      @Nullable Path tokenFile,
      @Nullable Path export) {}

  Serving(MachineOption machine, CommandLine command, Wanted wanted) {
    this.machine = machine;
    this.command = command;
    this.wanted = wanted;
  }

  int run() throws InterruptedException {
    ListenAddress address =
        wanted.listen == null
            ? ListenAddress.loopback(wanted.port)
            : ListenAddress.parse(wanted.listen, wanted.port);
    Token token = token(address);
    ServeQuestions questions =
        new ServeQuestions(
            node -> {
              if (isOfMachine()) {
                machine.addRemarks(node);
              } else {
                RemarksJson.remarks(node, List.of());
              }
            });
    PrintWriter out = command.getOut();
    if (wanted.export != null) {
      try (Subject subject = subject()) {
        return export(wanted.export, StaticPages.of(subject, questions), out);
      }
    }
    // a server that cannot start leaves nothing in another JVM
    try (Subject subject = subject();
        WebServer server = WebServer.start(subject, questions, address, token)) {
      out.println(server.url());
      out.flush();
      server.await();
    }
    return ExitStatus.OK;
  }

  private boolean isOfMachine() {
    return wanted.scenario == null && wanted.attach == null;
  }

  private Subject subject() {
    if (wanted.scenario != null) {
      return run(wanted.scenario);
    }
    if (wanted.attach != null) {
      return new JvmSubject(wanted.attach);
    }
    List<Path> files = machine.sources();
    boolean isFollowed =
        wanted.export == null
            && !files.isEmpty()
            && files.stream().allMatch(FileSubject::canFollow);
    return isFollowed
        ? new FileSubject(machine.name(), files, () -> machine.readAnew().machine())
        : new DescribedSubject(machine.name(), machine.describe());
  }

  private static Subject run(Path file) {
    Scenario scenario = Scenario.read(file);
    if (scenario.machine().isHost()) {
      throw new ScenarioSyntaxException(
          file.toString(),
          scenario.machineLine(),
          scenario.machine().specColumn(),
          "each question carries the scenario out again, and this machine is the computer itself;"
              + " name a machine file");
    }
    try {
      return new RunSubject(scenario, MachineExecutor::open);
    } catch (MemremapException e) {
      throw new UncheckedIOException(
          "%s cannot be carried out: %s".formatted(file, e.sentence()), new IOException(e));
    }
  }

  /** What only this user may see is shown only to those that know a token. */
  private @Nullable Token token(ListenAddress address) {
    if (wanted.tokenFile != null) {
      byte[] read = StandardStreams.beginning(wanted.tokenFile, LONGEST_TOKEN_FILE);
      try {
        warn(address);
        return Token.parse(new String(read, StandardCharsets.UTF_8));
      } catch (IllegalArgumentException e) {
        throw new UsageException(wanted.tokenFile + ": " + e.getMessage(), e);
      }
    }
    if (!address.isLoopback()) {
      throw new UsageException(
          "--listen %s lets other computers in; say with --token-file which token they need"
              .formatted(wanted.listen));
    }
    boolean isPrivate = wanted.attach != null || (isOfMachine() && machine.isHost());
    return isPrivate ? Token.random() : null;
  }

  private void warn(ListenAddress address) {
    if (!address.isLoopback()) {
      command
          .getErr()
          .println(
              "memremap: other computers reach this server, and what it sends, the token too, is"
                  + " not encrypted");
    }
  }

  private static int export(Path folder, Map<String, String> files, PrintWriter out) {
    if (!Files.isDirectory(folder)) {
      throw new UsageException(
          "--export %s: %s; name a folder that is there"
              .formatted(folder, Files.exists(folder) ? "it is not a folder" : "no such folder"));
    }
    files.forEach(
        (name, text) ->
            OutputFile.write(folder.resolve(name), text.getBytes(StandardCharsets.UTF_8)));
    out.println(folder.resolve("index.html"));
    return ExitStatus.OK;
  }
}
