// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import dev.memremap.pager.internal.event.Recorded;
import dev.memremap.pager.store.StoreLocation;
import java.net.URI;
import java.util.OptionalLong;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * A part of a remote memory cannot be had, or the memory cannot be opened, flushed or closed. The
 * message is one sentence, which says what is wrong, where, and what to do.
 *
 * <p>Thread safety: immutable.
 */
public final class RemoteMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final URI store;
  private final long page;
  private final String reason;

  RemoteMemoryException(URI store, long page, String reason, @Nullable Throwable cause) {
    super(
        page < 0
            ? "remote memory of %s: %s".formatted(StoreLocation.shown(store), reason)
            : "remote memory of %s, page %d: %s"
                .formatted(StoreLocation.shown(store), page, reason),
        cause);
    this.store = StoreLocation.shown(store);
    this.page = page;
    this.reason = reason;
    // asked before a class of ours is touched, since loading it would take a while
    if (FlightRecorder.isInitialized()) {
      Recorded.refused(this.store.toString(), page, reason);
    }
  }

  /** Returns where the pages are, without a password. */
  public URI store() {
    return store;
  }

  /** Returns the number of the page that did not come, counted from 0; empty if it is not one's. */
  public OptionalLong page() {
    return page < 0 ? OptionalLong.empty() : OptionalLong.of(page);
  }

  /** Returns why, as the store or the pager said it. */
  public String reason() {
    return reason;
  }
}
