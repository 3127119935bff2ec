// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.teardown;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FailuresTest {
  static Stream<Throwable> thrown() {
    return Stream.of(
        new IllegalStateException("unchecked"),
        new AssertionError("an error"),
        new IOException("checked, thrown sneakily"));
  }

  @ParameterizedTest
  @MethodSource("thrown")
  @DisplayName("each step runs whatever another throws; the first failure carries the later ones")
  void allRun(Throwable first) {
    Failures failures = new Failures();
    List<String> ran = new ArrayList<>();
    Throwable later = new IllegalArgumentException("later");
    failures.attempt(() -> Sneaky.raise(first));
    failures.attempt(() -> ran.add("second"));
    failures.attempt(() -> Sneaky.raise(later));
    failures.attempt(() -> ran.add("fourth"));
    assertThat(ran).containsExactly("second", "fourth");
    assertThatThrownBy(failures::rethrow).isSameAs(first);
    assertThat(first.getSuppressed()).containsExactly(later);
  }

  @Test
  @DisplayName("one exception that two steps throw does not suppress itself")
  void thrownTwice() {
    Failures failures = new Failures();
    AssertionError same = new AssertionError("thrown twice");
    failures.attempt(() -> Sneaky.raise(same));
    failures.attempt(() -> Sneaky.raise(same));
    assertThatThrownBy(failures::rethrow).isSameAs(same);
    assertThat(same.getSuppressed()).isEmpty();
  }

  @Test
  @DisplayName("where nothing failed, nothing is thrown")
  void none() {
    Failures failures = new Failures();
    failures.attempt(() -> {});
    assertThat(failures.first()).isNull();
    assertThatCode(failures::rethrow).doesNotThrowAnyException();
  }

  /** Throws anything, also what no signature names. */
  static final class Sneaky {
    private Sneaky() {}

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> void as(Throwable thrown) throws T {
      throw (T) thrown;
    }

    static void raise(Throwable thrown) {
      Sneaky.<RuntimeException>as(thrown);
    }
  }
}
