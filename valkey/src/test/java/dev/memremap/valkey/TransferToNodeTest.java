// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.pager.store.PageStore;
import dev.memremap.pager.store.StoreException;
import dev.memremap.pager.store.StoreException.Kind;
import dev.memremap.pager.store.StoreGeometry;
import dev.memremap.pager.store.StoreLocation;
import dev.memremap.pager.store.StoreTransfer;
import dev.memremap.pager.store.UnfinishedStore;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Copies from file to node. */
class TransferToNodeTest extends NodeTransferContract {
  private static final int PAGE = 4096;

  @Override
  protected StoreLocation source() {
    return inFile();
  }

  @Override
  protected StoreLocation target() {
    return inNode();
  }

  @Override
  protected void damage(
      StoreLocation location, StoreGeometry geometry, long page, RandomGenerator random) {
    damageInNode(location, geometry, page, random);
  }

  @Test
  @DisplayName("a copy makes no key in parts of a node that the store does not have")
  void keysOfCopy() throws Exception {
    StoreLocation from = inFile();
    StoreLocation to = inNode();
    try (PageStore store = from.open(1 << 20, PAGE)) {
      MemorySegment page = Arena.ofAuto().allocate(PAGE).fill((byte) 1);
      store.write(77, page);
      store.write(70_000, page);
      store.flush();
    }
    new StoreTransfer(from, to, false).run((step, pages, of) -> {});
    // geometry, epoch and owner; two pages, and the fences of their parts
    assertThat(keys(to)).isEqualTo(7);
    to.open(1 << 20, PAGE).close();
    new StoreTransfer(to, inFile(), false).run((step, pages, of) -> {});
    assertThat(keys(to)).isEqualTo(7);
  }

  @Test
  @DisplayName("a copy whose store was taken by another writer is not finished")
  void taken() throws Exception {
    StoreLocation to = ValkeyStore.at(inNode().uri() + "&lease=1s&timeout=600ms");
    StoreGeometry geometry = new StoreGeometry(8, PAGE);
    URI of = URI.create("file:///from");
    try (UnfinishedStore first = to.openUnfinished(geometry, of, false)) {
      endLease(to);
      try (UnfinishedStore second = to.openUnfinished(geometry, of, false)) {
        StoreException refused = catchThrowableOfType(StoreException.class, first::finish);
        assertThat(refused.kind()).isEqualTo(Kind.TAKEN);
        assertThat(catchThrowableOfType(StoreException.class, () -> to.geometry()))
            .hasMessageContaining(" is not finished; ");
        second.finish();
      }
    }
    assertThat(to.geometry()).contains(geometry);
  }
}
