// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.memremap.pager.store.StoreException.Kind;
import dev.memremap.rule.Errno;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a file that holds something else, is another one's, or cannot be made. */
class FileSentencesTest {
  private static final int PAGE = 4096;

  @TempDir private Path folder;

  private static StoreException refused(Path file) {
    return catchThrowableOfType(StoreException.class, () -> FileStore.at(file).open(40, PAGE));
  }

  private static StoreException unread(Path file) {
    return catchThrowableOfType(StoreException.class, () -> FileStore.geometryOf(file));
  }

  @Test
  @DisplayName("Whether the file is missing, or a folder before it, is said when its size is asked")
  void missing() {
    Path file = folder.resolve("none");
    assertThat(unread(file)).hasMessage("no store is at %s; name the file of one", file);
    assertThat(unread(file).kind()).isEqualTo(Kind.UNFIT);
    assertThat(unread(file.resolve("store")))
        .hasMessage("%s/store: the folder %s does not exist; make it first", file, file);
  }

  @Test
  @DisplayName("A second opener is told how to find the program, not to end its worker alone")
  void taken() throws IOException {
    Path file = folder.resolve("store");
    try (PageStore store = FileStore.at(file).open(40, PAGE)) {
      assertThat(store.pages()).isEqualTo(40);
      assertThat(refused(file))
          .hasMessage(
              "%s: process %d has it; a store has one writer at a time: name another file, or end that process; if it is one of a remote memory, end the program that it serves instead, which 'memremap pager status %2$d' shows",
              file, ProcessHandle.current().pid());
    }
    assertThat(FileSentences.taken(file, 0))
        .hasMessageContaining(": another process has it;")
        .hasMessageEndingWith("which 'memremap pager status' shows");
  }

  @Test
  @DisplayName("A device or a pipe is refused, opened or asked or copied to, and nothing waits")
  void notRegular() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    for (Path file : new Path[] {pipe, Path.of("/dev/null")}) {
      String sentence = file + " is not a regular file; name another one";
      assertThat(refused(file)).hasMessage(sentence);
      assertThat(refused(file).kind()).isEqualTo(Kind.UNFIT);
      assertThat(unread(file)).hasMessage(sentence);
      assertThatThrownBy(() -> FileStore.at(file).geometry()).hasMessage(sentence);
      StoreLocation from = FileStore.at(folder.resolve("from"));
      from.open(40, PAGE).close();
      for (StoreTransfer transfer :
          new StoreTransfer[] {
            new StoreTransfer(from, FileStore.at(file), true),
            new StoreTransfer(FileStore.at(file), from, true)
          }) {
        assertThatThrownBy(() -> transfer.run((step, pages, of) -> {})).hasMessage(sentence);
      }
    }
  }

  @Test
  @DisplayName("A file that cannot have a size, as those of /proc, is not taken for a broken disk")
  void sizeless() {
    StoreException e =
        FileSentences.making(
            Path.of("/proc/version"),
            new StoreLayout(new StoreGeometry(40, PAGE)),
            new StoreFile.FailedCall("ftruncate", Errno.EINVAL.number()));
    assertThat(e)
        .hasMessage(
            "/proc/version is a file that cannot be made larger, such as one of /proc; name another one");
    assertThat(e.kind()).isEqualTo(Kind.UNFIT);
  }

  @Test
  @DisplayName("A snapshot's file has at most 255 bytes of name, and its store's are among them")
  void longName() throws IOException {
    String name = "s\u00f6re"; // 5 bytes
    assumeTrue(
        Charset.forName(System.getProperty("sun.jnu.encoding")).newEncoder().canEncode(name),
        "file names are in ASCII where the locale is C or POSIX");
    Path file = folder.resolve(name);
    try (PageStore store = FileStore.at(file).open(40, PAGE)) {
      String longest = "x".repeat(255 - 5 - 1 - 1);
      assertThatThrownBy(() -> store.snapshot(longest + "yy"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "snapshot '%s': the name of its file has at most 255 bytes, with those of the store before it; give one that is 2 shorter",
              longest + "yy");
      assertThat(Path.of(store.snapshot(longest).uri())).exists();
    }
  }

  @Test
  @DisplayName("Large figures have separators")
  void figures() {
    assertThat(new StoreGeometry(1_342_177_280, PAGE))
        .hasToString("1,342,177,280 pages of 4,096 bytes");
    assertThatThrownBy(() -> new StoreGeometry(1L << 53, PAGE))
        .hasMessage("9,007,199,254,740,992 pages of 4,096 bytes: a store has at most 64 PiB");
    StoreException e =
        FileSentences.making(
            folder.resolve("store"),
            new StoreLayout(new StoreGeometry(1L << 30, PAGE)),
            new StoreFile.FailedCall("ftruncate", Errno.EFBIG.number()));
    assertThat(e).hasMessageMatching(".* hold a file of 17(,[0-9]{3}){4} bytes, .*");
  }

  @Test
  @DisplayName("A file that is null is named")
  void nulls() {
    assertThatThrownBy(() -> FileStore.at(null)).hasMessage("file");
    assertThatThrownBy(() -> FileStore.geometryOf(null)).hasMessage("file");
  }
}
