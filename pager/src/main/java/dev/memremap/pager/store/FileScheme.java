// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.net.URI;
import java.nio.file.Path;

/** Finds {@link FileStore}s by locations such as {@code file:///var/lib/pages}. */
public final class FileScheme implements StoreScheme {
  /** Called by {@link java.util.ServiceLoader}. */
  public FileScheme() {}

  @Override
  public String scheme() {
    return "file";
  }

  @Override
  public StoreLocation locate(URI uri) {
    try {
      return FileLocation.of(Path.of(uri));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s does not name a file: write it as file:///folder/name".formatted(uri), e);
    }
  }
}
