// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.terminal.ProgressLine;
import dev.memremap.cli.terminal.RefusedException;
import dev.memremap.pager.store.StoreException;
import dev.memremap.pager.store.StoreGeometry;
import dev.memremap.pager.store.StoreLocation;
import dev.memremap.pager.store.StoreTransfer;
import dev.memremap.pager.store.StoreTransfer.Done;
import dev.memremap.pager.store.StoreTransfer.Step;
import java.io.PrintWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Copies a store.
 *
 * @param from a file or a location
 * @param to a file or a location
 * @param replaces whether what is there may be written over
 */
record PagerCopy(String from, String to, boolean replaces) {
  /** Does it, and returns a sentence that says what was done. */
  String run(PrintWriter err) {
    try (StoreKinds kinds = StoreKinds.here()) {
      StoreLocation source = kinds.locate(from);
      StoreLocation target = kinds.locate(to);
      try (Bars bars = new Bars(err)) {
        Done done = new StoreTransfer(source, target, replaces).run(bars);
        return "%s is copied to %s: %s; %,d %s written, %,d were there already, and all are compared"
            .formatted(
                StoreLocation.shown(source.uri()),
                StoreLocation.shown(target.uri()),
                size(done.geometry()),
                done.copied(),
                done.copied() == 1 ? "page was" : "pages were",
                done.found());
      } catch (StoreException e) {
        throw new RefusedException(String.valueOf(e.getMessage()));
      }
    }
  }

  private static String size(StoreGeometry geometry) {
    return "%,d pages of %s".formatted(geometry.pages(), Words.size(geometry.pageBytes()));
  }

  /** A bar for each step. */
  private static final class Bars implements StoreTransfer.Watch, AutoCloseable {
    private final PrintWriter err;
    private @Nullable Step shown;
    private @Nullable ProgressLine bar;

    Bars(PrintWriter err) {
      this.err = err;
    }

    @Override
    public void at(Step step, long pages, long of) {
      if (step != shown) {
        close();
        shown = step;
        bar = new ProgressLine(step == Step.COPY ? "copied" : "compared", of, err);
      }
      Objects.requireNonNull(bar).stepTo(pages, "");
    }

    @Override
    public void close() {
      if (bar != null) {
        bar.close();
      }
      bar = null;
    }
  }
}
