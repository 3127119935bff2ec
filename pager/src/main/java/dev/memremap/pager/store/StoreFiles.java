// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.io.IOException;
import java.nio.file.Path;

/** The files of a folder, as a {@link FileStore} needs them. */
interface StoreFiles {
  /** How a file is opened. */
  enum Mode {
    READ,
    /** It is made if it does not exist. */
    WRITE,
    /** As WRITE, and it must exist. */
    WRITE_AGAIN,
    /** It must not exist. */
    CREATE
  }

  StoreFile open(Path path, Mode mode) throws IOException;

  /** Gives a file another name, which no file has. */
  void rename(Path from, Path to) throws IOException;

  void deleteIfExists(Path path) throws IOException;
}
