// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.pager.store.StoreException;
import dev.memremap.pager.store.StoreGeometry;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Finds parts that were used, by their fences: each write of a page leaves one. They are asked for,
 * and not made, so that a part stays empty that was never used.
 *
 * <p>Thread safety: all methods may be called from any thread.
 */
final class WrittenParts {
  /** How many fences are asked for at once at most; one at first, and each time twice as many. */
  private static final int MOST = 1024;

  private final Place place;
  private final StoreGeometry geometry;
  private final PageKeys keys;
  private final Attempts attempts;
  private final Parts parts;
  private final Unconfirmed unconfirmed;

  WrittenParts(
      Place place,
      StoreGeometry geometry,
      PageKeys keys,
      Attempts attempts,
      Parts parts,
      Unconfirmed unconfirmed) {
    this.place = place;
    this.geometry = geometry;
    this.keys = keys;
    this.attempts = attempts;
    this.parts = parts;
    this.unconfirmed = unconfirmed;
  }

  /** The first page from this one on that may have been written; the number of pages if none. */
  long next(long page) throws StoreException {
    // what is kept here is in the store, also while a new master does not have it yet
    long kept =
        unconfirmed.written().keySet().stream()
            .mapToLong(Long::longValue)
            .filter(each -> each >= page)
            .min()
            .orElse(geometry.pages());
    long end = keys.part(geometry.pages() - 1) + 1;
    long part = keys.part(page);
    for (int most = 1; part < end; most = Math.min(MOST, 2 * most)) {
      int some = (int) Math.min(end - part, most);
      long found = first(part, some);
      if (found >= 0) {
        return Math.min(kept, Math.max(page, found * keys.perPart()));
      }
      part += some;
      if (kept < part * keys.perPart()) {
        return kept;
      }
    }
    return kept;
  }

  /** The first of some parts that was used; negative if none was. */
  private long first(long part, int some) throws StoreException {
    return attempts.repeated(
        Deadline.in(place.timeout()),
        "%s: it is not known which pages are there".formatted(place),
        -1,
        () -> {
          Deadline deadline = Deadline.in(place.timeout());
          List<CompletionStage<Long>> asked = new ArrayList<>(some);
          for (int i = 0; i < some; i++) {
            asked.add(exists(keys.fence(part + i)));
          }
          for (int i = 0; i < some; i++) {
            // one that lasted and is gone was lost; a read of it says so
            if (deadline.await(asked.get(i)) > 0 || parts.lasts(part + i)) {
              return part + i;
            }
          }
          return -1L;
        });
  }

  private CompletionStage<Long> exists(byte[] key) {
    return attempts
        .nodes()
        .byKey()
        .dispatch(
            CommandType.EXISTS,
            new IntegerOutput<>(ByteArrayCodec.INSTANCE),
            new CommandArgs<>(ByteArrayCodec.INSTANCE).addKey(key));
  }
}
