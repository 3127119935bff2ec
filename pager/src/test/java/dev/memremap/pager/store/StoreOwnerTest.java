// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.pager.store.StoreException.Kind;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A memory whose process was killed opens the file that it had, and no other one. */
class StoreOwnerTest {
  private static final int PAGE = 4096;
  private static final int PAGES = 40;
  private static final long MINE = 7_000_000_000_007L;
  private static final long ANOTHER = MINE + (1L << 32);
  private static final int HEADER_BYTES = 4096;

  @TempDir private Path folder;
  private final MemorySegment room = Arena.ofAuto().allocate(PAGE, PAGE);
  private Path file;
  private String mark;

  /** The memory has the store, writes page 3, and is killed. */
  @BeforeEach
  void make() throws Exception {
    file = folder.resolve("store");
    try (PageStore store = FileStore.at(file).open(PAGES, PAGE, StoreOwner.first(MINE))) {
      mark = store.mark();
      write(store, 1);
    }
  }

  private void write(PageStore store, long version) throws StoreException {
    MarkedPages.fill(room, 3, version);
    store.write(3, room);
  }

  private long version(PageStore store) throws StoreException {
    return MarkedPages.version(store.read(3, 1, room), 3);
  }

  private PageStore again() throws StoreException {
    return FileStore.at(file).open(PAGES, PAGE, StoreOwner.again(MINE, mark));
  }

  private static StoreException refused(ThrowingCallable call) {
    return catchThrowableOfType(StoreException.class, call);
  }

  private void isRefused(Kind kind, String words) {
    StoreException refused = refused(this::again);
    assertThat(refused).hasMessageStartingWith(file.toString()).hasMessageContaining(words);
    assertThat(refused.kind()).isEqualTo(kind);
  }

  private void isServed(long version) throws StoreException {
    try (PageStore store = again()) {
      assertThat(version(store)).isEqualTo(version);
      assertThat(store.mark()).isEqualTo(mark);
    }
  }

  @Test
  @DisplayName("it opens its own file as often as it is killed, also under another name")
  void itsOwn() throws Exception {
    isServed(1);
    isServed(1);
    Files.createLink(folder.resolve("second"), file);
    isServed(1);
    Files.createSymbolicLink(folder.resolve("link"), file);
    file = folder.resolve("link");
    isServed(1);
  }

  @Test
  @DisplayName("where its file is gone no other one is made; put back, it is opened")
  void gone() throws Exception {
    Path away = Files.move(file, folder.resolve("away"));
    isRefused(Kind.OUTAGE, "is gone: it was deleted or moved");
    assertThat(file).doesNotExist();
    Files.move(away, file);
    isServed(1);
    Path moved = Files.move(folder, folder.resolveSibling(folder.getFileName() + "-moved"));
    isRefused(Kind.OUTAGE, "is gone: it was deleted or moved");
    Files.move(moved, folder);
    isServed(1);
  }

  @Test
  @DisplayName("a copy in its place, which has the same header, is refused; put back, it is opened")
  void replaced() throws Exception {
    Path backup = Files.copy(file, folder.resolve("backup"));
    try (PageStore store = again()) {
      write(store, 2);
    }
    Path away = Files.move(file, folder.resolve("away"));
    Files.move(backup, file);
    isRefused(Kind.OUTAGE, "is another file than the one that this memory had");
    Files.delete(file);
    Files.createFile(file);
    isRefused(Kind.OUTAGE, "is another file than the one that this memory had");
    assertThat(file).as("no store is made of it").isEmptyFile();
    Files.delete(file);
    Files.move(away, file);
    isServed(2);
  }

  @Test
  @DisplayName("a file that was deleted and copied anew is another one, also if it has its number")
  void deletedAndCopied() throws Exception {
    byte[] all = Files.readAllBytes(file);
    for (int i = 0; i < 3; i++) {
      Files.delete(file);
      Files.write(file, all);
      isRefused(Kind.OUTAGE, "is another file than the one that this memory had");
    }
  }

  @Test
  @DisplayName("its own file that was emptied does not become a new store")
  void emptied() throws Exception {
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.setLength(0);
    }
    isRefused(Kind.DAMAGED, "was cut short");
    assertThat(file).isEmptyFile();
  }

  @Test
  @DisplayName("where another memory has had it since, it is refused for good, and locks none out")
  void anothers() throws Exception {
    try (PageStore store = FileStore.at(file).open(PAGES, PAGE, StoreOwner.first(ANOTHER))) {
      isRefused(Kind.TAKEN, "process %d has had it".formatted(ProcessHandle.current().pid()));
      write(store, 9);
    }
    byte[] before = Files.readAllBytes(file);
    isRefused(Kind.TAKEN, "has had it meanwhile, as another memory");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    try (PageStore store = FileStore.at(file).open(PAGES, PAGE, StoreOwner.again(ANOTHER, mark))) {
      assertThat(version(store)).isEqualTo(9);
      assertThat(refused(this::again)).hasMessageContaining("has had it meanwhile");
    }
  }

  @Test
  @DisplayName("a program that opened it directly has had it, too")
  void opened() throws Exception {
    FileStore.at(file).open(PAGES, PAGE).close();
    isRefused(Kind.TAKEN, "has had it meanwhile");
  }

  @Test
  @DisplayName("a refused memory does not hold the lock, not even for a moment")
  void locksNoneOut() throws Exception {
    FileStore.at(file).open(PAGES, PAGE, StoreOwner.first(ANOTHER)).close();
    Thread asking =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!Thread.currentThread().isInterrupted()) {
                    refused(this::again);
                  }
                });
    for (int i = 0; i < 200; i++) {
      FileStore.at(file).open(PAGES, PAGE, StoreOwner.again(ANOTHER, mark)).close();
    }
    asking.interrupt();
    asking.join();
  }

  /** Both copies of the header as the version before wrote them. */
  private void asVersionOne() throws Exception {
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      for (int copy = 0; copy < 2; copy++) {
        byte[] bytes = new byte[84];
        raw.seek((long) copy * HEADER_BYTES);
        raw.readFully(bytes);
        ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(8, 1);
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, 72);
        header.putInt(72, (int) crc.getValue()).putLong(76, 0);
        raw.seek((long) copy * HEADER_BYTES);
        raw.write(bytes);
      }
    }
  }

  @Test
  @DisplayName("a store of before, which has no owner, is opened as at first, and then has one")
  void versionOne() throws Exception {
    asVersionOne();
    assertThat(FileStore.geometryOf(file)).isEqualTo(new StoreGeometry(PAGES, PAGE));
    isRefused(Kind.TAKEN, "has had it meanwhile");
    try (PageStore store = FileStore.at(file).open(PAGES, PAGE, StoreOwner.first(MINE))) {
      assertThat(version(store)).isEqualTo(1);
    }
    isServed(1);
  }

  @Test
  @DisplayName(
      "a flush to a file that was deleted or moved fails with a sentence; put back, it works")
  void flushed() throws Exception {
    PageStore store = again();
    write(store, 2);
    Path away = Files.move(file, folder.resolve("away"));
    StoreException moved = refused(store::flush);
    assertThat(moved).hasMessageStartingWith(file.toString()).hasMessageContaining("was moved");
    assertThat(moved.kind()).isEqualTo(Kind.OUTAGE);
    Files.copy(away, file);
    assertThat(refused(store::flush)).hasMessageContaining("was moved; put it back");
    Files.delete(file);
    Files.move(away, file);
    store.flush();
    Files.delete(file);
    write(store, 3);
    StoreException deleted = refused(store::flush);
    assertThat(deleted.kind()).isEqualTo(Kind.OUTAGE);
    assertThat(deleted)
        .hasMessageContaining("was deleted while it was open")
        .hasMessageContaining("/proc/%d/fd", ProcessHandle.current().pid());
    assertThat(refused(store::flush)).as("also with nothing new to flush").isNotNull();
    Files.copy(deleted(), folder.resolve("rescued"));
    store.close();
    try (PageStore rescued = FileStore.at(folder.resolve("rescued")).open(PAGES, PAGE)) {
      assertThat(version(rescued)).as("what the sentence says works").isEqualTo(3);
    }
  }

  private Path deleted() throws Exception {
    try (var all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path each : all) {
        if (Files.isSymbolicLink(each)
            && Files.readSymbolicLink(each).toString().equals(file + " (deleted)")) {
          return each;
        }
      }
    }
    throw new AssertionError("no such file is open");
  }

  @Test
  @DisplayName("an owner has a number above 0; file systems that draw numbers give no mark")
  void numbers() {
    assertThatThrownBy(() -> StoreOwner.again(0, "")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> StoreOwner.first(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThat(mark).isNotEmpty();
    assertThat(FileIdentity.isLasting(0x65735546L)).as("FUSE").isFalse();
    assertThat(FileIdentity.isLasting(0xffffffffff534d42L)).as("CIFS, of 32 bits").isFalse();
    assertThat(FileIdentity.isLasting(0xef53L)).as("ext4").isTrue();
  }
}
