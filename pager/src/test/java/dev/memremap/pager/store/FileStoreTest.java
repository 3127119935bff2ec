// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.management.ThreadMXBean;
import dev.memremap.pager.store.StoreException.Kind;
import dev.memremap.testing.CutShort;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Stores in files: what each store does, and what is a file's own. */
class FileStoreTest extends PageStoreContract {
  private static final int PAGE = 4096;
  private int made;

  @Override
  protected StoreLocation location() {
    return FileStore.at(file("store" + made++));
  }

  private Path file(String name) {
    return folder.resolve(name);
  }

  @Override
  protected void damage(
      StoreLocation location, StoreGeometry geometry, long page, RandomGenerator random)
      throws IOException {
    DamagedFile.change(Path.of(location.uri()), geometry, page, random);
  }

  private StoreException refused(Path file) {
    return catchThrowableOfType(StoreException.class, () -> FileStore.at(file).open(40, PAGE));
  }

  @Test
  @DisplayName("a file that holds something else is refused and left as it is")
  void foreign() throws Exception {
    Path small = Files.writeString(file("notes"), "not pages");
    Path large = Files.write(file("image"), new byte[1 << 20]);
    for (Path file : new Path[] {small, large}) {
      byte[] before = Files.readAllBytes(file);
      StoreException e = refused(file);
      assertThat(e.kind()).isEqualTo(Kind.UNFIT);
      assertThat(e).hasMessageContaining("left as it is");
      assertThat(Files.readAllBytes(file)).isEqualTo(before);
      assertThatThrownBy(() -> FileStore.geometryOf(file)).isInstanceOf(StoreException.class);
    }
  }

  @Test
  @DisplayName(
      "a folder, a folder that is missing, and a file without permission each get a sentence")
  void places() throws Exception {
    assertThat(refused(folder)).hasMessageContaining("is a folder; name a file in it");
    assertThat(refused(folder).kind()).isEqualTo(Kind.UNFIT);
    assertThat(refused(folder.resolve("no/such/store")))
        .hasMessage(
            "%s/no/such/store: the folder %s/no/such does not exist; make it first",
            folder, folder);
    Path notes = Files.writeString(file("notes"), "x");
    assertThat(refused(notes.resolve("store"))).hasMessageContaining("is a file, and no folder");
    // of sysfs: not even root may make a file there; in a container it may be read-only
    assertThat(refused(Path.of("/sys/store")).getMessage())
        .containsAnyOf("permit it to this user", "mounted read-only");
  }

  @Test
  @DisplayName("an empty file, and one whose making was cut short, become a store")
  void unborn() throws Exception {
    Path empty = Files.createFile(file("empty"));
    Path sized = file("sized");
    try (RandomAccessFile file = new RandomAccessFile(sized.toFile(), "rw")) {
      file.setLength(new StoreLayout(new StoreGeometry(40, PAGE)).bytes());
    }
    for (Path file : new Path[] {empty, sized}) {
      try (PageStore store = FileStore.at(file).open(40, PAGE)) {
        write(store, 3, 1, 1);
        assertThat(version(store, 3)).isEqualTo(1);
      }
    }
  }

  @Test
  @DisplayName(
      "a store of a newer version, one that was cut short, and one without header are refused")
  void unfit() throws Exception {
    Path file = file("store");
    FileStore.at(file).open(40, PAGE).close();
    byte[] good = Files.readAllBytes(file);

    CutShort.file(file);
    Files.write(file, java.util.Arrays.copyOf(good, good.length - 1));
    assertThat(refused(file).kind()).isEqualTo(Kind.DAMAGED);
    assertThat(refused(file))
        .hasMessageContaining("has %,d of its %,d bytes", good.length - 1, good.length);

    byte[] newer = good.clone();
    newer[8] = newer[4096 + 8] = StoreHeader.VERSION + 1;
    Files.write(file, newer);
    assertThat(refused(file).kind()).isEqualTo(Kind.UNFIT);
    assertThat(refused(file)).hasMessageContaining("version %d", StoreHeader.VERSION + 1);

    byte[] damaged = good.clone();
    damaged[20] ^= 1;
    Files.write(file, damaged);
    try (PageStore store = FileStore.at(file).open(40, PAGE)) { // the other copy is whole
      assertThat(version(store, 0)).isZero();
    }
    damaged = Files.readAllBytes(file);
    damaged[20] ^= 1;
    damaged[4096 + 20] ^= 1;
    Files.write(file, damaged);
    assertThat(refused(file).kind()).isEqualTo(Kind.DAMAGED);
    assertThat(refused(file)).hasMessageContaining("both copies of its header");
  }

  @Test
  @DisplayName("its size can be asked while another has it, and nothing is written by that")
  void geometry() throws Exception {
    Path file = file("store");
    try (PageStore store = FileStore.at(file).open(40, 8192)) {
      byte[] before = Files.readAllBytes(file);
      assertThat(FileStore.geometryOf(file)).isEqualTo(new StoreGeometry(40, 8192));
      assertThat(Files.readAllBytes(file)).isEqualTo(before);
      // the lock is still there: closing another descriptor does not give it up
      assertThat(refused(file).kind()).isEqualTo(Kind.TAKEN);
      assertThat(refused(file)).hasMessageContaining("process " + ProcessHandle.current().pid());
      assertThat(store.pages()).isEqualTo(40);
    }
    assertThatThrownBy(() -> FileStore.geometryOf(file("none")))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("none");
    assertThat(file("none")).doesNotExist();
  }

  @Test
  @DisplayName(
      "another one that took the store in spite of the lock stops this one's flush and writes")
  void takenAway() throws Exception {
    Path file = file("store");
    try (PageStore store = FileStore.at(file).open(40, PAGE)) {
      write(store, 0, 1, 1);
      Path copy = Files.copy(file, file("copy"));
      FileStore.at(copy).open(40, PAGE).close();
      byte[] taken = Files.readAllBytes(copy);
      try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
        raw.write(taken, 0, 8192);
      }
      StoreException refused = catchThrowableOfType(StoreException.class, store::flush);
      assertThat(refused.kind()).isEqualTo(Kind.TAKEN);
      byte[] before = Files.readAllBytes(file);
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> write(store, 0, 1, 2))
            .isInstanceOfSatisfying(
                StoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TAKEN));
      }
      store.close();
      assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }
  }

  @Test
  @DisplayName("that it was taken away is noticed within 1024 writes, without a flush")
  void takenAwayWhileWriting() throws Exception {
    Path file = file("store");
    try (PageStore store = FileStore.at(file).open(40, PAGE)) {
      Path copy = Files.copy(file, file("copy"));
      FileStore.at(copy).open(40, PAGE).close();
      byte[] taken = Files.readAllBytes(copy);
      try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
        raw.write(taken, 0, 8192);
      }
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 1024; i++) {
                  write(store, 0, 1, i + 1);
                }
              })
          .isInstanceOf(StoreException.class);
    }
  }

  @Test
  @DisplayName(
      "a file that is cut short while it is open gives an exception, also in compiled code")
  void cutShort() throws Exception {
    Path file = file("store");
    try (PageStore store = FileStore.at(file).open(2048, PAGE)) {
      write(store, 0, 2048, 1);
      MemorySegment room = room(PAGE);
      for (int i = 0; i < 30_000; i++) {
        store.read(i % 2048, 1, room);
      }
      CutShort.file(file);
      for (int i = 0; i < 3_000; i++) {
        long page = i % 2048;
        MarkedPages.fill(room, page, 1); // also where the room has the right bytes already
        try {
          store.read(page, 1, room);
          throw new AssertionError("page %d was read".formatted(page));
        } catch (StoreException e) {
          assertThat(e.kind()).isEqualTo(Kind.DAMAGED);
          assertThat(e.page()).hasValue(page);
        }
      }
      assertThatThrownBy(() -> store.read(0, 512, room(512 * PAGE)))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("cut short");
    }
  }

  @Test
  @DisplayName(
      "pages alone that are cut off give an exception, and the entries' error hits no other code")
  void cutShortBehindTheTable() throws Exception {
    Path file = file("store");
    StoreLayout layout = new StoreLayout(new StoreGeometry(2048, PAGE));
    try (PageStore store = FileStore.at(file).open(2048, PAGE)) {
      write(store, 0, 2048, 1);
      MemorySegment room = room(PAGE);
      for (int i = 0; i < 30_000; i++) {
        store.read(i % 2048, 1, room);
      }
      try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
        raw.setLength(layout.pageAt(0, 0));
      }
      for (int i = 0; i < 3_000; i++) {
        long page = i % 2048;
        MarkedPages.fill(room, page, 1);
        assertThatThrownBy(() -> store.read(page, 1, room)).isInstanceOf(StoreException.class);
      }
    }
  }

  @Test
  @DisplayName("16 pages or more that lie beside each other are returned uncopied, and stay so")
  void uncopied() throws Exception {
    try (PageStore store = location().open(2048, PAGE)) {
      write(store, 0, 1024, 1);
      MemorySegment room = room(512 * PAGE);
      MemorySegment lying = store.read(100, 512, room);
      assertThat(lying.address()).isNotEqualTo(room.address());
      assertThat(lying.isReadOnly()).isTrue();
      assertThat(room.mismatch(room(512 * PAGE))).isEqualTo(-1);
      write(store, 0, 100, 2);
      store.flush();
      write(store, 612, 100, 2);
      for (int i = 0; i < 512; i++) {
        assertThat(MarkedPages.version(lying.asSlice((long) i * PAGE, PAGE), 100 + i)).isEqualTo(1);
      }
      write(store, 300, 1, 2); // now they lie in two areas
      assertThat(store.read(100, 512, room).address()).isEqualTo(room.address());
    }
  }

  @Test
  @DisplayName("pages that were cut off its file are refused, and those beside them are read on")
  void cutOff() throws Exception {
    try (PageStore store = FileStore.at(file("cut")).open(2048, PAGE)) {
      write(store, 0, 1024, 1);
      store.flush();
      MemorySegment room = room(64 * PAGE);
      assertThat(store.read(80, 64, room).address()).isNotEqualTo(room.address());
      try (RandomAccessFile file = new RandomAccessFile(file("cut").toFile(), "rw")) {
        file.setLength(new StoreLayout(new StoreGeometry(2048, PAGE)).pageAt(0, 100));
      }
      StoreException cut =
          catchThrowableOfType(StoreException.class, () -> store.read(80, 64, room));
      assertThat(cut.page()).hasValue(100);
      assertThat(store.read(36, 64, room).address()).isNotEqualTo(room.address());
    }
  }

  @Test
  @DisplayName("reading a page into the same room makes no garbage")
  void noGarbage() throws Exception {
    try (PageStore store = location().open(64, PAGE)) {
      write(store, 0, 32, 1);
      MemorySegment room = room(PAGE);
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      for (int i = 0; i < 50_000; i++) {
        store.read(i % 64, 1, room);
      }
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 50_000; i++) {
        store.read(i % 64, 1, room);
      }
      assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(50_000);
    }
  }

  @Test
  @DisplayName("a thread that reads while the store is closed gets pages, and then is told so")
  void closedMeanwhile() throws Exception {
    for (int round = 0; round < 20; round++) {
      PageStore store = location().open(64, PAGE);
      write(store, 0, 64, 1);
      CountDownLatch reading = new CountDownLatch(3);
      try (ExecutorService executor = Executors.newFixedThreadPool(3)) {
        List<Future<String>> readers = new ArrayList<>();
        for (int count : new int[] {1, 3, 32}) {
          Callable<String> reader =
              () -> {
                MemorySegment room = room((long) count * PAGE);
                try {
                  while (true) {
                    store.read(7, count, room);
                    reading.countDown();
                  }
                } catch (IllegalStateException e) {
                  return String.valueOf(e.getMessage());
                }
              };
          readers.add(executor.submit(reader));
        }
        reading.await();
        store.close();
        for (Future<String> each : readers) {
          assertThat(each.get()).endsWith("is closed");
        }
      }
    }
  }

  @Test
  @DisplayName("an interrupted thread reads and writes on")
  void interrupted() throws Exception {
    try (PageStore store = location().open(40, PAGE)) {
      Thread.currentThread().interrupt();
      write(store, 0, 1, 1);
      store.flush();
      assertThat(version(store, 0)).isEqualTo(1);
      assertThat(Thread.interrupted()).isTrue();
      write(store, 0, 1, 2);
      assertThat(version(store, 0)).isEqualTo(2);
    }
  }

  @Test
  @DisplayName("a store takes room for what was written alone, and so does its snapshot")
  void sparse() throws Exception {
    Path file = file("store");
    long pages = 1L << 24;
    try (PageStore store = FileStore.at(file).open(pages, PAGE)) {
      write(store, 0, 1, 1);
      write(store, pages - 1, 1, 2);
      write(store, pages / 2, 300, 3);
      StoreLocation copy = store.snapshot("copy");
      for (StoreLocation each : new StoreLocation[] {FileStore.at(file), copy}) {
        Path path = Path.of(each.uri());
        assertThat(Files.size(path)).isGreaterThan(pages * PAGE);
        Process du = new ProcessBuilder("du", "-k", path.toString()).start();
        String answer =
            new String(du.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(Long.parseLong(answer.split("\t")[0])).isBetween(1200L, 20_000L);
      }
      try (PageStore opened = copy.open(pages, PAGE)) {
        assertThat(version(opened, 0)).isEqualTo(1);
        assertThat(version(opened, pages - 1)).isEqualTo(2);
        assertThat(version(opened, pages / 2 + 299)).isEqualTo(3);
        assertThat(version(opened, 77)).isZero();
      }
    }
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(2);
    }
  }

  @Test
  @DisplayName("sequences go on into the next epoch before they are used up")
  void nextEpoch() throws Exception {
    Path file = file("store");
    long version = 0;
    for (int opening = 0; opening < 3; opening++) {
      try (FileStore store = (FileStore) FileStore.at(file).open(4, PAGE)) {
        store.renewedAfter = 5;
        assertThat(version(store, 1)).isEqualTo(version);
        for (int i = 0; i < 40; i++) {
          write(store, 1, 1, ++version);
          if (i % 3 == 0) {
            store.flush();
          }
          assertThat(version(store, 1)).isEqualTo(version);
        }
      }
    }
  }

  @Test
  @DisplayName("text that names no file, or names another kind of store, is refused")
  void wrongText() {
    for (String text : new String[] {"file:relative", "file://host/x", "file:///x?y"}) {
      assertThatThrownBy(() -> StoreLocation.of(URI.create(text)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("file:///folder/name");
    }
    assertThatThrownBy(() -> StoreLocation.of(URI.create("tape:3")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'tape'");
  }
}
