// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** 1 GiB may be read of a report, whether it is read, passed over, or cut into files. */
class ReadBudgetTest {
  private static final int MIB = 1 << 20;

  /** A stream without end, whose bytes cost nothing. */
  private static final class Endless extends InputStream {
    @Override
    public int read() {
      return 0;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
      return length;
    }

    @Override
    public long skip(long bytes) {
      return bytes;
    }
  }

  private static void pass(InputStream in, boolean skip) throws IOException {
    assertThat(skip ? in.skip(1L << 40) : in.read(new byte[MIB])).isEqualTo(MIB);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @DisplayName("1 GiB is read or passed over, and not one byte more")
  void oneGib(boolean skip) throws IOException {
    ReadBudget budget = new ReadBudget();
    for (int i = 0; i < 1024; i++) {
      // files share what is left
      pass(budget.counting(new Endless()), skip);
    }
    assertThat(budget.isUsedUp()).isFalse();
    assertThatIOException()
        .isThrownBy(budget.counting(new Endless())::read)
        .withMessage("it unpacks to more than 1 GiB");
    assertThat(budget.isUsedUp()).isTrue();
    assertThatIOException().isThrownBy(() -> pass(budget.counting(new Endless()), skip));
  }

  @Test
  @DisplayName("the end of a file costs nothing")
  void end() throws IOException {
    ReadBudget budget = new ReadBudget();
    for (int i = 0; i < 1024; i++) {
      pass(budget.counting(new Endless()), true);
    }
    InputStream ended = budget.counting(InputStream.nullInputStream());
    assertThat(ended.read(new byte[1])).isEqualTo(-1);
    assertThat(ended.skip(1)).isZero();
    assertThat(budget.isUsedUp()).isFalse();
  }
}
