// SPDX-License-Identifier: Apache-2.0
package dev.memremap.testing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/**
 * The warnings of a logger while this is open. They are kept here, and do not reach the console.
 *
 * <p>Thread safety: any thread may log and ask; the list of lines is synchronized.
 */
public final class LoggedLines extends Handler implements AutoCloseable {
  private final Logger logger;
  private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

  /**
   * Begins to listen.
   *
   * @param name of the logger
   */
  public LoggedLines(String name) {
    logger = Logger.getLogger(name);
    setLevel(Level.WARNING);
    setFormatter(new SimpleFormatter());
    logger.addHandler(this);
    logger.setUseParentHandlers(false);
  }

  /** Each message with its parameters filled in, in the order they were logged. */
  public List<String> lines() {
    synchronized (lines) {
      return List.copyOf(lines);
    }
  }

  /**
   * Each message, once all threads that write warnings for a caller with a lock have written them.
   */
  public List<String> linesOfAll() {
    try {
      for (Thread thread : Thread.getAllStackTraces().keySet()) {
        if (thread.getName().equals("memremap-log")) {
          thread.join();
        }
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return lines();
  }

  @Override
  public void publish(LogRecord logged) {
    if (isLoggable(logged)) {
      lines.add(getFormatter().formatMessage(logged));
    }
  }

  @Override
  public void flush() {
    // nothing is held back
  }

  @Override
  public void close() {
    logger.removeHandler(this);
    logger.setUseParentHandlers(true);
  }
}
