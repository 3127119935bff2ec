// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar that is redrawn on the terminal; prints nothing without a terminal. */
public final class ProgressLine implements AutoCloseable {
  private final @Nullable ProgressBar bar;

  /**
   * Begins at 0.
   *
   * @param done what is done with each, such as "measured"
   * @param count how many there are
   */
  public ProgressLine(String done, int count) {
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

  /** So many are done; the message stands behind the bar. */
  public void stepTo(int done, String message) {
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
