// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.terminal.ExitStatus;
import dev.memremap.cli.terminal.UsageException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code memremap serve}. What serves is in another class, which help does not load. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = ExitStatus.HEADING,
    exitCodeList = {
      ExitStatus.OK_TEXT,
      ExitStatus.UNUSABLE_TEXT,
      ExitStatus.OUTPUT_LOST_TEXT,
      ExitStatus.INTERRUPTED_TEXT
    },
    description = {
      "Show a machine in the browser, or a scenario step by step, or the machines of a running"
          + " JVM as they change.",
      "It prints the address to open, and serves until it is interrupted. Only this computer"
          + " reaches it, and it only reads. What only you may see, this computer's own map and"
          + " another JVM, asks for the token in that address."
    })
final class ServeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private MachineOption machine;

  @Parameters(
      arity = "0..1",
      paramLabel = "SCENARIO",
      description = "A scenario file, shown step by step.")
  private @Nullable Path scenario;

  @Option(
      names = "--attach",
      paramLabel = "PID",
      description =
          "Show the machines of the JVM with this process number: live references, mappings and"
              + " events. That JVM needs no option; it is yours, and it uses memremap.")
  private @Nullable Long attach;

  @Option(
      names = {"-p", "--port"},
      paramLabel = "PORT",
      description = "Listen on this port; 0 takes a free one. Default: 8207.")
  private int port = 8207;

  @Option(
      names = "--listen",
      paramLabel = "ADDRESS",
      description =
          "Listen at this address, such as 192.168.1.5, or 0.0.0.0 for all, so that other computers"
              + " reach it. What they send is not encrypted. Needs --token-file. Default:"
              + " 127.0.0.1.")
  private @Nullable String listen;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "Let in only those that know the token in this file: 16 to 256 letters and digits, such"
              + " as 'openssl rand -hex 16' prints.")
  private @Nullable Path tokenFile;

  @Option(
      names = "--export",
      paramLabel = "DIR",
      description = "Write pages into this folder that show the same without a server, and end.")
  private @Nullable Path export;

  ServeCommand() {
    this.machine = new MachineOption();
  }

  @Override
  public Integer call() throws InterruptedException {
    requireEffect();
    return new Serving(
            machine,
            spec.commandLine(),
            new Serving.Wanted(scenario, attach, port, listen, tokenFile, export))
        .run();
  }

  private void requireEffect() {
    if (scenario != null && machine.isGiven()) {
      throw new UsageException("a scenario names its machine; leave -m and --set out");
    }
    if (attach != null && (scenario != null || machine.isGiven())) {
      throw new UsageException("--attach shows another JVM's machines; leave all others out");
    }
    if (export != null && (listen != null || tokenFile != null)) {
      throw new UsageException("--export writes pages and serves none; leave --listen out");
    }
  }
}
