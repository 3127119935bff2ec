// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.conformance.ConformanceRun;
import java.io.Console;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar that is redrawn on the terminal; prints nothing where there is no terminal. */
final class ProgressLine implements ConformanceRun.Progress, AutoCloseable {
  private final @Nullable ProgressBar bar;

  ProgressLine(String done, int count) {
    // a console means that stdin and stdout are a terminal, and says nothing of stderr, so the bar
    // goes to stdout and no escape code into a file
    bar =
        isOnTerminal()
            ? new ProgressBarBuilder()
                .setTaskName(done)
                .setInitialMax(count)
                .setStyle(ProgressBarStyle.ASCII)
                .setConsumer(new ConsoleProgressBarConsumer(System.out))
                .build()
            : null;
  }

  // null again since 25, where the console of java.base is the default
  @SuppressWarnings("SystemConsoleNull")
  private static boolean isOnTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  @Override
  public void at(int done, int findings) {
    stepTo(done, findings == 0 ? "" : findings + " differ");
  }

  void stepTo(int done, String message) {
    if (bar != null) {
      bar.stepTo(done);
      bar.setExtraMessage(message);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
