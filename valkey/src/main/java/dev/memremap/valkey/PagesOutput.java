// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.pager.store.StoreException;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.CommandOutput;
import java.nio.ByteBuffer;

/**
 * Hands the values of an answer of Lettuce's on, until it is told to leave the memory alone: an
 * answer may come when nothing waits for it any more.
 *
 * <p>Thread safety: {@code this} guards the values and the memory that they go into. Lettuce's
 * thread fills it; the one that asked looks when the answer is complete.
 */
final class PagesOutput extends CommandOutput<byte[], byte[], Boolean> {
  private final PageValues values;
  private boolean isLeft;

  PagesOutput(PageValues values) {
    super(ByteArrayCodec.INSTANCE, false);
    this.values = values;
  }

  /** From now on nothing is put into the memory. */
  synchronized void leave() {
    isLeft = true;
  }

  /** As {@link PageValues#whole}. */
  synchronized long whole(Place place) throws StoreException {
    return values.whole(place);
  }

  @Override
  public synchronized void multi(int parts) {
    if (!isLeft) {
      values.begin();
    }
  }

  @Override
  @SuppressWarnings("NullAway") // null stands for a key that is not there
  public synchronized void set(ByteBuffer bytes) {
    if (!isLeft) {
      values.next(bytes);
      output = true;
    }
  }
}
