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
      attempts.repeated(
          deadline,
          () -> "%s: %s not read".formatted(place, named(page, count)),
          page,
          () ->
              deadline.await(
                  attempts
                      .nodes()
                      .byKey()
                      .dispatch(
                          CommandType.MGET,
                          asked.by(
                              new PagesOutput(new PageValues(page, count, keys.pageBytes(), room)),
                              attempts.counts().of(page)),
                          new CommandArgs<>(ByteArrayCodec.INSTANCE)
                              .addKeys(keys.pages(page, count)))));
      asked.gave(count);
      return asked.last().whole(place);
    } finally {
      asked.leave();
    }
  }

  /** The connections are others', too. */
  @Override
  public void close() {}

  /** What an answer is put into; one of before is put nowhere. One thread's. */
  private static final class Asked {
    private @Nullable PagesOutput output;
    private NodeCounts.@Nullable OfNode node;
    private long begun;

    PagesOutput by(PagesOutput next, NodeCounts.OfNode of) {
      leave();
      output = next;
      node = of;
      begun = System.nanoTime();
      return next;
    }

    void gave(int pages) {
      Objects.requireNonNull(node).gave(pages, System.nanoTime() - begun);
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

  /** Pages in a sentence. */
  static String named(long page, int count) {
    return count == 1 ? "page " + page : "pages %d to %d".formatted(page, page + count - 1);
  }
}
