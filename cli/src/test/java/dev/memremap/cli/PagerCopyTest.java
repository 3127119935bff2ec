// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static dev.memremap.cli.CommandRun.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.store.FileStore;
import dev.memremap.pager.store.PageStore;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A store that the command copies; {@code StoreTransferContract} has the rules of copying. */
class PagerCopyTest {
  private static final int PAGE = 4096;
  private static final int PAGES = 1024;

  @TempDir private Path folder;
  private final MemorySegment room = Arena.ofAuto().allocate(PAGE);

  @BeforeEach
  void make() throws IOException {
    try (PageStore store = FileStore.at(folder.resolve("from")).open(PAGES, PAGE)) {
      for (long page = 0; page < PAGES; page += 2) {
        room.set(ValueLayout.JAVA_LONG, 8, page + 1);
        store.write(page, room);
      }
      store.flush();
    }
  }

  private CommandRun copy(String words) {
    return run(("pager copy " + words).replace("DIR", folder.toString()).split(" "));
  }

  @Test
  @DisplayName("copy takes files and locations, and says how far it is and what it did")
  void copies() throws IOException {
    CommandRun copied = copy("DIR/from file://DIR/to");
    assertThat(copied.err().lines())
        .containsExactly(
            "copied 256 of 1,024",
            "copied 512 of 1,024",
            "copied 768 of 1,024",
            "copied 1,024 of 1,024",
            "compared 256 of 1,024",
            "compared 512 of 1,024",
            "compared 768 of 1,024",
            "compared 1,024 of 1,024");
    assertThat(copied.status()).isZero();
    assertThat(copied.out())
        .isEqualTo(
            "file://%1$s/from is copied to file://%1$s/to: 1,024 pages of 4K; 512 pages were written, 0 were there already, and all are compared\n"
                .formatted(folder));
    try (PageStore store = FileStore.at(folder.resolve("to")).open(PAGES, PAGE)) {
      for (long page = 0; page < PAGES; page++) {
        assertThat(store.read(page, 1, room).get(ValueLayout.JAVA_LONG, 8))
            .isEqualTo(page % 2 == 0 ? page + 1 : 0);
      }
    }
    assertThat(copy("DIR/from DIR/to --replace").out())
        .contains("; 0 pages were written, 512 were there already, ");
  }

  @ParameterizedTest(name = "memremap pager {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "1 | DIR/none DIR/to | file://DIR/none: no store is there to be copied",
        "1 | DIR/from DIR/from | file://DIR/from cannot be copied to itself; name another place",
        "1 | DIR/from DIR/none/to | DIR/none/to: the folder DIR/none does not exist; make it first",
        "1 | DIR/other DIR/to | DIR/other does not begin as a store of pages does",
        "1 | DIR/from DIR/other | DIR/other does not begin as a store of pages does",
        "2 | DIR/from | copy needs two stores, FROM and TO: a file, or a location such as",
        "2 | DIR/from DIR/to --store x | --store is not for copy; leave it out",
        "2 | redis:// DIR/to | the location of a store cannot be read; write SCHEME://PLACE, as file:///folder/name or valkey://host, and percent-encode what a URI may not have",
        "1 | /dev/null DIR/to | /dev/null is not a regular file; name another one",
        "1 | DIR/from /dev/null | /dev/null is not a regular file; name another one",
        "2 | file:x DIR/to | file:x does not name a file: write it as file:///folder/name",
        "2 | DIR/from valkey://u:secret@h/ | valkey://u:***@h/: no kind of store has the scheme 'valkey'; put the jar of its StoreScheme on the class path; of a whole memremap these jars lie in the folder stores",
      })
  @DisplayName("what cannot be copied gets one sentence, and nothing is made")
  void refused(int status, String words, String sentence) throws IOException {
    Files.writeString(folder.resolve("other"), "something else".repeat(1000));
    CommandRun refused = copy(words);
    assertThat(refused.err())
        .startsWith("memremap: ")
        .contains(sentence.replace("DIR", folder.toString()))
        .hasLineCount(1);
    assertThat(refused.status()).isEqualTo(status);
    assertThat(refused.out()).isEmpty();
    assertThat(folder.resolve("to")).doesNotExist();
  }

  @Test
  @DisplayName("a store that is there already stays as it is, and --replace is for copy alone")
  void replaces() throws IOException {
    Path to = folder.resolve("to");
    FileStore.at(to).open(PAGES, PAGE).close();
    byte[] before = Files.readAllBytes(to);
    CommandRun refused = copy("DIR/from DIR/to");
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.err())
        .isEqualTo(
            "memremap: %s is a store already; --replace makes it a copy of file://%s/from, or name another file\n"
                .formatted(to, folder));
    assertThat(Files.readAllBytes(to)).isEqualTo(before);
    assertThat(copy("DIR/from DIR/to --replace").status()).isZero();
    assertThat(copy("DIR/from DIR/to --json").err())
        .startsWith("memremap: --json is not for copy; leave it out");
    assertThat(run("pager", "status", "--replace").err())
        .startsWith("memremap: --replace is for copy; leave it out");
  }
}
