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

  ProgressLine(int count) {
    bar =
        somebodySitsThere()
            ? new ProgressBarBuilder()
                .setTaskName("compared")
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
    if (bar != null) {
      bar.stepTo(done);
      bar.setExtraMessage(findings == 0 ? "" : findings + " differ");
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
