// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.pager.store.DamagedFile;
import dev.memremap.pager.store.StoreGeometry;
import dev.memremap.pager.store.StoreLocation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.random.RandomGenerator;

/** Copies from node to file. */
class TransferFromNodeTest extends NodeTransferContract {
  @Override
  protected StoreLocation source() {
    return inNode();
  }

  @Override
  protected StoreLocation target() {
    return inFile();
  }

  @Override
  protected void damage(
      StoreLocation location, StoreGeometry geometry, long page, RandomGenerator random)
      throws IOException {
    DamagedFile.change(Path.of(location.uri()), geometry, page, random);
  }
}
