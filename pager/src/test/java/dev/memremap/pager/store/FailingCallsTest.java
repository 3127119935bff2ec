// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.rule.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls of the system that fail. */
class FailingCallsTest {
  private static final StoreGeometry GEOMETRY = new StoreGeometry(40, 4096);

  @TempDir private Path folder;

  @Test
  @DisplayName(
      "each call fails once: there is a sentence, the step works again, and nothing is lost")
  void nothingIsLost() {
    assertThat(FailingCalls.check(SimulatedFile::new)).isGreaterThan(60);
  }

  /** Real files, of which one call fails. */
  private static final class Failing {
    private final Set<String> called = new TreeSet<>();
    private int left;
    private int errno;

    <T> T over(T real, Class<T> type) {
      return type.cast(
          Proxy.newProxyInstance(
              type.getClassLoader(),
              new Class<?>[] {type},
              (proxy, method, arguments) -> {
                boolean mayFail = !method.getName().equals("close");
                if (mayFail) {
                  called.add(method.getName());
                  if (left-- == 0) {
                    throw new StoreFile.FailedCall(method.getName(), errno);
                  }
                }
                return answered(real, method, arguments);
              }));
    }

    private Object answered(Object real, Method method, Object[] arguments) throws Throwable {
      try {
        Object answer = method.invoke(real, arguments);
        return answer instanceof StoreFile file ? over(file, StoreFile.class) : answer;
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }

    boolean hasFailed() {
      return left < 0;
    }
  }

  private Stream<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList().stream();
    }
  }

  @Test
  @DisplayName("of a snapshot in which a call fails nothing is left, and it can be made again")
  void snapshots() throws Exception {
    Path path = folder.resolve("store");
    Failing failing = new Failing();
    failing.left = Integer.MAX_VALUE;
    StoreFiles files = failing.over(NativeFile.FILES, StoreFiles.class);
    MemorySegment page = Arena.ofAuto().allocate(4096);
    try (FileStore store = StoreOpening.open(path, files, GEOMETRY)) {
      for (int i = 0; i < 40; i += 3) {
        MarkedPages.fill(page, i, 1);
        store.write(i, page);
      }
      int call = 0;
      while (true) {
        failing.left = call;
        failing.errno = Errno.ENOSPC.number();
        StoreException e = catchThrowableOfType(StoreException.class, () -> store.snapshot("copy"));
        if (e == null) {
          break;
        }
        assertThat(e).hasMessageStartingWith(path.toString()).hasMessageNotContaining("\n");
        assertThat(files()).as("call %d: %s", call, e.getMessage()).containsExactly(path);
        call++;
      }
      assertThat(call).isGreaterThan(20);
      assertThat(failing.called)
          .contains("cloneOf", "deleteIfExists", "force", "forceName", "map", "nextData", "open")
          .contains("read", "rename", "resize", "size", "write");
      assertThat(files()).hasSize(2);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ENOSPC, the disk is full; free room on that of",
    "EDQUOT, quota is used up",
    "EMFILE, too many files are open; raise the limit",
    "ENOMEM, the system has no more memory to give",
    "EIO, failed with EIO; look at the disk",
    "EACCES, may not be opened to read and write; permit it to this user",
    "EROFS, is mounted read-only"
  })
  @DisplayName("why a store cannot be opened is said in a sentence, with what to do")
  void sentences(Errno errno, String sentence) {
    Path path = folder.resolve("store");
    for (int call = 0; call < 2; call++) {
      Failing failing = new Failing();
      failing.left = call;
      failing.errno = errno.number();
      StoreFiles files = failing.over(NativeFile.FILES, StoreFiles.class);
      StoreException e =
          catchThrowableOfType(
              StoreException.class, () -> StoreOpening.open(path, files, GEOMETRY));
      assertThat(e).hasMessageStartingWith(path.toString()).hasMessageContaining(sentence);
      assertThat(failing.hasFailed()).isTrue();
    }
  }

  @Test
  @DisplayName(
      "a disk that is full while pages are written is said with the pages, which stay as they were")
  void full() throws Exception {
    Failing failing = new Failing();
    failing.left = Integer.MAX_VALUE;
    failing.errno = Errno.ENOSPC.number();
    StoreFiles files = failing.over(NativeFile.FILES, StoreFiles.class);
    MemorySegment pages = Arena.ofAuto().allocate(8 * 4096);
    Path path = folder.resolve("store");
    try (FileStore store = StoreOpening.open(path, files, GEOMETRY)) {
      MarkedPages.fill(pages, 4096, 30, 1);
      store.write(30, pages);
      failing.left = 1;
      MarkedPages.fill(pages, 4096, 30, 2);
      assertThatThrownBy(() -> store.write(30, pages))
          .isInstanceOfSatisfying(StoreException.class, e -> assertThat(e.page()).hasValue(30))
          .hasMessage(
              "%s: pages 30 to 37 not written: the disk is full; free room on that of %s",
              path, folder);
      MemorySegment page = Arena.ofAuto().allocate(4096);
      assertThat(MarkedPages.version(store.read(33, 1, page), 33)).isEqualTo(1);
    }
  }

  @Test
  @DisplayName("a store too large for its file system is refused as such")
  void tooLarge() {
    Failing failing = new Failing();
    failing.errno = Errno.EFBIG.number();
    StoreFiles files = failing.over(NativeFile.FILES, StoreFiles.class);
    failing.left = 3; // open, lock, size, resize
    assertThatThrownBy(() -> StoreOpening.open(folder.resolve("store"), files, GEOMETRY))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("does not hold a file of")
        .hasMessageContaining("40 pages of 4,096 bytes");
  }
}
