// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.pager.internal.state.Settings;
import dev.memremap.pager.store.PageStore;
import dev.memremap.pager.store.StoreException;
import dev.memremap.pager.store.StoreLocation;
import dev.memremap.pager.store.StoreOwner;
import dev.memremap.pager.store.StoreScheme;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A worker goes on whatever a user's store answers. */
@Execution(ExecutionMode.SAME_THREAD)
class LateStoreTest {
  private static final int PAGE = 4096;
  private static final long PAGES = 16;

  /** What a method of the store answers; a throwable is thrown. */
  @FunctionalInterface
  interface Answer {
    /** Answers. */
    @Nullable Object of(Method method);
  }

  private static volatile Answer answer = method -> null;

  /** A store that answers what the test says. */
  public static final class Scheme implements StoreScheme {
    @Override
    public String scheme() {
      return "wild";
    }

    @Override
    public StoreLocation locate(URI uri) {
      return new StoreLocation() {
        @Override
        public URI uri() {
          return uri;
        }

        @Override
        public PageStore open(long pages, int pageBytes) {
          return (PageStore)
              Proxy.newProxyInstance(
                  Scheme.class.getClassLoader(),
                  new Class<?>[] {PageStore.class},
                  (proxy, method, arguments) -> {
                    Object said = answer.of(method);
                    if (said instanceof Throwable failure) {
                      throw failure;
                    }
                    return said;
                  });
        }
      };
    }
  }

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment room = arena.allocate(2L * PAGE, PAGE);
  private LateStore store;

  @BeforeEach
  void open() throws StoreException {
    store =
        new LateStore(
                new Settings(
                    URI.create("wild:one"),
                    PAGES * PAGE,
                    PAGE,
                    PAGES * PAGE,
                    Duration.ofSeconds(2),
                    true,
                    false,
                    Path.of("none"),
                    "",
                    "",
                    77),
                StoreOwner.first(77))
            .opened();
  }

  @AfterEach
  void close() {
    arena.close();
  }

  private static void isOutage(ThrowingCallable call, String sentence) {
    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(call)
        .withMessageContaining(sentence)
        .matches(e -> e.kind() == StoreException.Kind.OUTAGE);
  }

  @Test
  @DisplayName("A store that says null of its nodes and of itself has one node and says nothing")
  void saysNull() {
    answer = method -> method.getReturnType() == long.class ? (Object) 99L : null;
    assertThat(store.nodeOf(3)).isEmpty();
    assertThat(store.mark()).isEmpty();
    assertThat(store.lastOfNode(3)).as("it has 16 pages").isEqualTo(PAGES - 1);
    assertThat(store.nodes()).isEmpty();
    assertThat(store.facts()).singleElement().asString().contains("its code has failed");
  }

  @Test
  @DisplayName("A store that fails in any call counts as one that does not answer")
  void fails() {
    answer = method -> new IllegalStateException("broken " + method.getName());
    isOutage(() -> store.read(3, 2, room), "broken read");
    isOutage(() -> store.write(3, room), "broken write");
    isOutage(store::flush, "broken flush");
    isOutage(() -> store.snapshot("one"), "broken snapshot");
    assertThat(store.nodeOf(3)).isEmpty();
    assertThat(store.lastOfNode(3)).isEqualTo(3);
    assertThat(store.nodes()).isEmpty();
    assertThat(store.facts()).singleElement().asString().contains("broken facts");
  }

  @Test
  @DisplayName("What it reads has to be all of the pages, outside the heap")
  void reads() throws Exception {
    answer = method -> null;
    isOutage(() -> store.read(3, 2, room), "read returned null");
    answer = method -> room.asSlice(0, PAGE);
    isOutage(() -> store.read(3, 2, room), "4096 bytes outside the heap, and not 8192");
    answer = method -> MemorySegment.ofArray(new byte[2 * PAGE]);
    isOutage(() -> store.read(3, 2, room), "8192 bytes in the heap");
    answer = method -> room;
    assertThat(store.read(3, 2, room)).isSameAs(room);
  }

  @Test
  @DisplayName("A snapshot that it refuses is its own refusal; one that is null is a failure")
  void snapshots() {
    answer = method -> new UnsupportedOperationException("it makes none");
    assertThatThrownBy(() -> store.snapshot("one"))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage("it makes none");
    answer = method -> null;
    isOutage(() -> store.snapshot("one"), "snapshot returned null");
  }
}
