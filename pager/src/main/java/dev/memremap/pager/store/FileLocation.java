// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Optional;

/** The location of a {@link FileStore}. */
record FileLocation(Path file) implements StoreLocation {
  static FileLocation of(Path file) {
    if (!file.getFileSystem().equals(FileSystems.getDefault())) {
      throw new IllegalArgumentException(
          "%s lies in another file system of Java's; name a file of this computer".formatted(file));
    }
    return new FileLocation(file.toAbsolutePath());
  }

  @Override
  public URI uri() {
    return file.toUri();
  }

  @Override
  public PageStore open(long pages, int pageBytes) throws StoreException {
    return open(pages, pageBytes, StoreOwner.unnamed());
  }

  @Override
  public PageStore open(long pages, int pageBytes, StoreOwner owner) throws StoreException {
    return StoreOpening.open(file, NativeFile.FILES, new StoreGeometry(pages, pageBytes), owner);
  }

  @Override
  public Optional<StoreGeometry> geometry() throws StoreException {
    return StoreOpening.found(file, NativeFile.FILES);
  }

  @Override
  public UnfinishedStore openUnfinished(StoreGeometry geometry, URI of, boolean replaces)
      throws StoreException {
    FileStore store = StoreOpening.openUnfinished(file, NativeFile.FILES, geometry, of, replaces);
    return new UnfinishedStore(store, store::finish);
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
