// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.pager.store.StoreException.Kind;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Copies from file to file. */
class FileTransferTest extends StoreTransferContract {
  private static final StoreGeometry GEOMETRY = new StoreGeometry(8, 4096);
  private int made;

  @Override
  protected StoreLocation source() {
    return FileStore.at(folder.resolve("from-" + made++));
  }

  @Override
  protected StoreLocation target() {
    return FileStore.at(folder.resolve("to-" + made++));
  }

  @Override
  protected void damage(
      StoreLocation location, StoreGeometry geometry, long page, RandomGenerator random)
      throws IOException {
    DamagedFile.change(Path.of(location.uri()), geometry, page, random);
  }

  @Test
  @DisplayName(
      "where one of the two headers is damaged, a copy is as finished as the other header says")
  void headers() throws Exception {
    Path file = folder.resolve("copy");
    URI of = URI.create("file:///from");
    StoreLocation to = FileStore.at(file);
    for (boolean finished : new boolean[] {false, true}) {
      for (int copy = 0; copy < 2; copy++) {
        Files.deleteIfExists(file);
        try (UnfinishedStore store = to.openUnfinished(GEOMETRY, of, false)) {
          if (finished) {
            store.finish();
          }
        }
        try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
          raw.seek(copy * 4096L + 20);
          raw.write(0x55);
        }
        if (finished) {
          to.open(GEOMETRY.pages(), GEOMETRY.pageBytes()).close();
        } else {
          StoreException refused =
              catchThrowableOfType(
                  StoreException.class, () -> to.open(GEOMETRY.pages(), GEOMETRY.pageBytes()));
          assertThat(refused.kind()).isEqualTo(Kind.UNFIT);
          to.openUnfinished(GEOMETRY, of, false).close();
        }
      }
    }
  }

  @Test
  @DisplayName("a note that is damaged names no store, and is replaced where that is asked for")
  void note() throws Exception {
    Path file = folder.resolve("copy");
    URI of = URI.create("file:///from");
    StoreLocation to = FileStore.at(file);
    to.openUnfinished(GEOMETRY, of, false).close();
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.seek(522);
      raw.write('X');
    }
    assertThat(
            catchThrowableOfType(
                StoreException.class, () -> to.openUnfinished(GEOMETRY, of, false)))
        .hasMessageContaining(
            " is a copy of another store that is not finished, and not of file:///from; ");
    to.openUnfinished(GEOMETRY, of, true).close();
    to.openUnfinished(GEOMETRY, of, false).close();
  }

  @Test
  @DisplayName("where nothing is, no store is found, and nothing is made")
  void none() throws Exception {
    Path file = folder.resolve("none");
    assertThat(FileStore.at(file).geometry()).isEmpty();
    assertThat(file).doesNotExist();
    Files.createFile(file);
    assertThat(FileStore.at(file).geometry()).isEmpty();
    Files.writeString(file, "something else".repeat(1000));
    assertThat(
            catchThrowableOfType(StoreException.class, () -> FileStore.at(file).geometry()).kind())
        .isEqualTo(Kind.UNFIT);
  }
}
