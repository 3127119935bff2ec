// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import dev.memremap.pager.store.StoreException.Kind;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Why a file is not the store that an owner had: what is wrong with it, and what to do. */
final class OwnerSentences {
  private OwnerSentences() {}

  /** The owner opens it again, and no file is there. */
  static StoreException gone(Path path, @Nullable Throwable cause) {
    return StoreException.of(
        Kind.OUTAGE,
        "%s is gone: it was deleted or moved while this memory had it; put that file back, and the pages come again"
            .formatted(path),
        cause);
  }

  /** The owner opens it again, and another file is there. */
  static StoreException replaced(Path path) {
    return StoreException.of(
        Kind.OUTAGE,
        "%s is another file than the one that this memory had there, such as a backup; put that one back, and the pages come again"
            .formatted(path),
        null);
  }

  /** The owner opens it again, and a part of it is gone; a copy in its place would be refused. */
  static StoreException cutShort(Path path, long bytes, StoreLayout layout) {
    return StoreException.of(
        Kind.DAMAGED,
        "%s was cut short while this memory had it: it has %d of its %d bytes; abandon this memory, and open a whole copy"
            .formatted(path, bytes, layout.bytes()),
        null);
  }

  /** The owner opens it again, and another one has opened it since. */
  static StoreException anothers(Path path, long process) {
    return StoreException.of(
        Kind.TAKEN,
        "%s: process %d has had it meanwhile, as another memory, and may have written to it; nothing more is read or written from here: abandon this memory, and open it anew"
            .formatted(path, process),
        null);
  }

  /** It was deleted while it was open, and lasts as long as this process. */
  static StoreException deleted(Path path, long process) {
    return StoreException.of(
        Kind.OUTAGE,
        "%s was deleted while it was open, and what is written to it lasts only as long as process %d: copy it from /proc/%2$d/fd, where its link says so, to another name, and open that"
            .formatted(path, process),
        null);
  }

  /** Another file, or none, has its name by now. */
  static StoreException moved(Path path) {
    return StoreException.of(
        Kind.OUTAGE,
        "%s is not the file any more that was opened there: that one was moved; put it back, and flush again"
            .formatted(path),
        null);
  }
}
