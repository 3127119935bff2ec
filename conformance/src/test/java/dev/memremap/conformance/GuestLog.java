// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What is logged about guests while it is open. */
final class GuestLog extends Handler implements AutoCloseable {
  private final Logger logger = Logger.getLogger("dev.memremap.conformance");
  private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

  GuestLog() {
    logger.addHandler(this);
  }

  /** Each message, in order. */
  List<String> lines() {
    return List.copyOf(lines);
  }

  @Override
  public void publish(LogRecord logged) {
    if (logged.getLevel().intValue() >= Level.WARNING.intValue()) {
      lines.add(logged.getMessage());
    }
  }

  @Override
  public void flush() {
    // nothing is held back
  }

  @Override
  public void close() {
    logger.removeHandler(this);
  }
}
