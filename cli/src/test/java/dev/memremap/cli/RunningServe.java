// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.terminal.Output;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** {@code memremap serve}, which runs in a thread of this JVM at a free port. */
final class RunningServe implements AutoCloseable {
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final Future<CommandRun> command;
  private final String url;

  private RunningServe(String... words) throws ExecutionException, InterruptedException {
    CompletableFuture<String> printed = new CompletableFuture<>();
    ByteArrayOutputStream lines =
        new ByteArrayOutputStream() {
          @Override
          public synchronized void write(byte[] bytes, int from, int count) {
            super.write(bytes, from, count);
            String all = toString(StandardCharsets.UTF_8);
            if (all.indexOf('\n') >= 0) {
              printed.complete(all.lines().findFirst().orElseThrow());
            }
          }
        };
    this.command =
        thread.submit(
            () -> {
              CommandRun run =
                  CommandRun.into(Output.of(lines, false), MemremapCommand.commandLine(), words);
              printed.completeExceptionally(new IllegalStateException(run.err()));
              return run;
            });
    this.url = printed.get();
  }

  /** Serves at a free port. */
  static RunningServe of(String... words) throws ExecutionException, InterruptedException {
    List<String> line = new ArrayList<>(List.of("serve", "--port", "0"));
    line.addAll(List.of(words));
    return new RunningServe(line.toArray(String[]::new));
  }

  /** The address that it printed. */
  String url() {
    return url;
  }

  /** Interrupts it, and returns how it ended. */
  CommandRun end() throws ExecutionException, InterruptedException {
    thread.shutdownNow();
    return command.get();
  }

  @Override
  public void close() throws ExecutionException, InterruptedException {
    end();
  }
}
