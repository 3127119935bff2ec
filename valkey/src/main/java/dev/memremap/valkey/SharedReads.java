// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.pager.store.StoreException;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads pages by MGET, over the connections that all else goes over.
 *
 * @param place for sentences
 */
record SharedReads(Place place, PageKeys keys, Attempts attempts) implements PageReads {
  @Override
  public long read(long page, int count, MemorySegment room, Deadline deadline)
      throws StoreException {
    Asked asked = new Asked();
    try {
      attempts.until(
          deadline,
          "%s: %s not read".formatted(place, named(page, count)),
          page,
          () ->
              attempts
                  .nodes()
                  .byKey()
                  .dispatch(
                      CommandType.MGET,
                      asked.by(new PagesOutput(page, count, keys.pageBytes(), room)),
                      new CommandArgs<>(ByteArrayCodec.INSTANCE).addKeys(keys.pages(page, count))));
      PagesOutput output = asked.last();
      if (!output.isWhole()) {
        throw new IllegalStateException("an answer ended early: " + place);
      }
      if (output.damaged() >= 0) {
        throw damaged(output.damaged());
      }
      return output.fence();
    } finally {
      asked.leave();
    }
  }

  /** What an answer is put into; one of before is put nowhere. One thread's. */
  private static final class Asked {
    private @Nullable PagesOutput output;

    PagesOutput by(PagesOutput next) {
      leave();
      output = next;
      return next;
    }

    PagesOutput last() {
      return Objects.requireNonNull(output);
    }

    void leave() {
      if (output != null) {
        output.leave();
      }
    }
  }

  private StoreException damaged(long page) {
    return StoreException.ofPage(
        StoreException.Kind.DAMAGED,
        page,
        "%s: page %d is not what was written; write the page anew, or take it from a copy, and look at the node's memory"
            .formatted(place, page),
        null);
  }

  /** Pages in a sentence. */
  static String named(long page, int count) {
    return count == 1 ? "page " + page : "pages %d to %d".formatted(page, page + count - 1);
  }
}
