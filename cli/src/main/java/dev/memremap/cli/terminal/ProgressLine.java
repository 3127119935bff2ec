// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import java.io.PrintWriter;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar that is redrawn on the terminal. Without a terminal, a line for each tenth, or nothing. */
public final class ProgressLine implements AutoCloseable {
  private static final int TENTHS = 10;

  private final String done;
  private final long count;
  private final @Nullable PrintWriter lines;
  private final @Nullable ProgressBar bar;
  private long tenths;

  /**
   * Begins at 0; prints nothing without a terminal.
   *
   * @param done what is done with each, such as "measured"
   * @param count how many there are
   */
  public ProgressLine(String done, int count) {
    this(done, count, null);
  }

  /**
   * Begins at 0.
   *
   * @param done what is done with each, such as "copied"
   * @param count how many there are, at least 1
   * @param lines gets a line for each tenth where no terminal is; null for none
   */
  public ProgressLine(String done, long count, @Nullable PrintWriter lines) {
    this.done = done;
    this.count = count;
    this.bar =
        Terminal.isWatched()
            ? new ProgressBarBuilder()
                .setTaskName(done)
                .setInitialMax(count)
                .setStyle(ProgressBarStyle.ASCII)
                .setConsumer(new ConsoleProgressBarConsumer(System.err))
                .build()
            : null;
    this.lines = bar == null ? lines : null;
  }

  /** So many are done; the message stands behind the bar. */
  public void stepTo(long now, String message) {
    if (bar != null) {
      bar.stepTo(now);
      bar.setExtraMessage(message);
    }
    long reached = (long) ((double) now / count * TENTHS);
    if (lines != null && reached > tenths) {
      tenths = reached;
      lines.println(
          "%s %,d of %,d%s".formatted(done, now, count, message.isEmpty() ? "" : "; " + message));
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
