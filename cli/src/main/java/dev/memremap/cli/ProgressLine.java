// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.conformance.ConformanceRun;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar that is redrawn on the terminal; prints nothing where there is no terminal. */
final class ProgressLine implements ConformanceRun.Progress, AutoCloseable {
  private final @Nullable ProgressBar bar;

  ProgressLine(String done, int count) {
    bar =
        Terminal.isWatched()
            ? new ProgressBarBuilder()
                .setTaskName(done)
                .setInitialMax(count)
                .setStyle(ProgressBarStyle.ASCII)
                .setConsumer(new ConsoleProgressBarConsumer(System.err))
                .build()
            : null;
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
