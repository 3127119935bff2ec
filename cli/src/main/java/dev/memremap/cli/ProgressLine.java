// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.conformance.ConformanceRun;
import java.io.Console;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar on the terminal that is drawn over; nothing where nobody sits at one. */
final class ProgressLine implements ConformanceRun.Progress, AutoCloseable {
  private final @Nullable ProgressBar bar;

  ProgressLine(String done, int count) {
    bar =
        somebodySitsThere()
            ? new ProgressBarBuilder()
                .setTaskName(done)
                .setInitialMax(count)
                .setStyle(ProgressBarStyle.ASCII)
                .setConsumer(new ConsoleProgressBarConsumer(System.err))
                .build()
            : null;
  }

  // null again since 25, where the console of java.base is the default
  @SuppressWarnings("SystemConsoleNull")
  private static boolean somebodySitsThere() {
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
