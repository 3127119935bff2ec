// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.io.IOException;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Why a store does not give or take a page, in one sentence that says what to do. */
public final class StoreException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Whether asking again can help. */
  public enum Kind {
    /** The store does not answer now; it may later. */
    OUTAGE,
    /** The page that it has is not what was written. */
    DAMAGED,
    /** Another writer has it. */
    TAKEN,
    /** It holds no store of this kind, or one of another size. */
    UNFIT
  }

  private final Kind kind;
  private final long page;

  private StoreException(Kind kind, long page, String sentence, @Nullable Throwable cause) {
    super(sentence, cause);
    this.kind = kind;
    this.page = page;
  }

  /**
   * An exception that is not of one page.
   *
   * @param cause may be null
   */
  public static StoreException of(Kind kind, String sentence, @Nullable Throwable cause) {
    return new StoreException(kind, -1, sentence, cause);
  }

  /**
   * An exception of one page.
   *
   * @param page its number
   * @param cause may be null
   */
  public static StoreException ofPage(
      Kind kind, long page, String sentence, @Nullable Throwable cause) {
    return new StoreException(kind, page, sentence, cause);
  }

  /** Returns what is wrong. */
  public Kind kind() {
    return kind;
  }

  /** Returns the number of the page, if it is one page's. */
  public OptionalLong page() {
    return page < 0 ? OptionalLong.empty() : OptionalLong.of(page);
  }
}
