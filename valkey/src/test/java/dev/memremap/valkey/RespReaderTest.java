// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.pager.store.MarkedPages;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers in RESP3, however they are cut on their way. */
class RespReaderTest {
  private static final int PAGE = 4096;
  private static final Deadline DEADLINE = Deadline.in(Duration.ofHours(1));
  private static final Place PLACE = PlaceText.read(ValkeyStore.at("valkey://h").uri());

  private final MemorySegment room = Arena.ofAuto().allocate(2L * PAGE);

  /** Gives bytes in two pieces, and then the end of the connection. */
  private record Pieces(byte[] bytes, int first, int[] given) implements RespReader.Source {
    static RespReader reader(byte[] bytes, int first) {
      return new RespReader(new Pieces(bytes, first, new int[1]), 1 << 14);
    }

    @Override
    public int receive(MemorySegment room, int at, Deadline deadline) {
      int from = given[0];
      int end = from < first ? first : bytes.length;
      if (from == end) {
        throw new RedisConnectionException("cut off");
      }
      MemorySegment.copy(MemorySegment.ofArray(bytes), from, room, at, end - from);
      given[0] = end;
      return end - from;
    }
  }

  private PageValues values(int count) {
    return new PageValues(5, count, PAGE, room.asSlice(0, (long) count * PAGE));
  }

  private byte[] page(long page, long version) {
    MemorySegment bytes = Arena.ofAuto().allocate(PAGE);
    MarkedPages.fill(bytes, page, version);
    return Resp.value(page, bytes);
  }

  private void isRead(byte[] answer, int split) throws Exception {
    room.fill((byte) 9);
    RespReader reader = Pieces.reader(answer, split);
    reader.begin(1 << 14, DEADLINE);
    PageValues values = values(2);
    reader.values(values);
    reader.requireEnd();
    assertThat(values.whole(PLACE)).as("split at %d", split).isEqualTo(123);
    assertThat(MarkedPages.version(room.asSlice(0, PAGE), 5)).isEqualTo(3);
    assertThat(MarkedPages.version(room.asSlice(PAGE), 6)).isZero();
  }

  @Test
  @DisplayName("an answer is read the same wherever it is cut in two, messages before it as well")
  void cutAnywhere() throws Exception {
    byte[] answer =
        Resp.joined(
            Resp.bytes(">2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n|1\r\n+ttl\r\n:3\r\n"),
            Resp.values(Resp.bytes("123"), page(5, 3), null));
    for (int split = 1; split <= answer.length; split++) {
      isRead(answer, split);
    }
    isRead(
        Resp.joined(
            Resp.bytes("*3\r\n$3\r\n123\r\n$4116\r\n"), page(5, 3), Resp.bytes("\r\n$-1\r\n")),
        7);
  }

  @Test
  @DisplayName("an answer that ends early is never taken, wherever it ends")
  void cutOff() {
    byte[] answer = Resp.values(Resp.bytes("123"), page(5, 3), page(6, 4));
    for (int length = 0; length < answer.length; length++) {
      RespReader reader = Pieces.reader(java.util.Arrays.copyOf(answer, length), 0);
      reader.begin(1 << 14, DEADLINE);
      assertThatThrownBy(() -> reader.values(values(2)))
          .as("after %d bytes", length)
          .isInstanceOf(RedisConnectionException.class)
          .hasMessage("cut off");
    }
  }

  @Test
  @DisplayName("greetings are passed over, whatever they consist of")
  void greetings() throws Exception {
    byte[] answer =
        Resp.bytes(
            "%3\r\n+server\r\n$6\r\nvalkey\r\n+proto\r\n:3\r\n+modules\r\n*2\r\n%1\r\n_\r\n#t\r\n~1\r\n,1.5\r\n+OK\r\n=7\r\ntxt:abc\r\n$-1\r\n(12345678901234567890\r\n");
    for (int split = 1; split <= answer.length; split++) {
      RespReader reader = Pieces.reader(answer, split);
      reader.begin(100, DEADLINE);
      for (int i = 0; i < 5; i++) {
        reader.skip();
      }
      reader.requireEnd();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-MOVED 3 h:1\r\n", "!11\r\nMOVED 3 h:1\r\n"})
  @DisplayName("an error is thrown in its own words, and read to its end")
  void errors(String answer) {
    RespReader reader = Pieces.reader(Resp.bytes(answer), 4);
    reader.begin(100, DEADLINE);
    assertThatThrownBy(() -> reader.values(values(1)))
        .isInstanceOf(RedisCommandExecutionException.class)
        .hasMessage("MOVED 3 h:1");
    assertThat(reader.isAtEnd()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 400 Bad Request\r\n",
        "*2\r\n:1\r\n_\r\n",
        "*3\r\n_\r\n_\r\n_\r\n",
        "*2\n_\r\n_\r\n",
        "*2\r\n_\r\n$2x\r\n",
        "*2\r\n$1\r\n1__$-1\r\n",
        "*2\r\n$1\r\n1\r\n_x\r\n",
        "*2\r\n_\r\n$99999999999999999999\r\n",
        "*\r\n",
        "+OK\r\n",
        "\u0015\u0003\u0003\u0000\u0002\u0002\u0028"
      })
  @DisplayName("what does not answer the question is refused in a sentence")
  void garbage(String answer) {
    RespReader reader = Pieces.reader(Resp.bytes(answer), answer.length());
    reader.begin(100, DEADLINE);
    assertThatThrownBy(() -> reader.values(values(1)))
        .isInstanceOf(RedisConnectionException.class)
        .hasMessageContaining("it answers in another language than RESP3");
  }

  @Test
  @DisplayName("more than one answer, and a value longer than any page, are noticed")
  void tooMuch() throws Exception {
    byte[] two = Resp.joined(Resp.values(null, null), Resp.bytes("+OK\r\n"));
    RespReader more = Pieces.reader(two, two.length);
    more.begin(100, DEADLINE);
    more.values(values(1));
    assertThatThrownBy(more::requireEnd).isInstanceOf(RedisConnectionException.class);
    for (String large :
        new String[] {"*2\r\n_\r\n$4117\r\n", "*2\r\n$20\r\n", "*2\r\n$1000000000\r\n"}) {
      RespReader reader = Pieces.reader(Resp.bytes(large), large.length());
      reader.begin(100, DEADLINE);
      assertThatThrownBy(() -> reader.values(values(1)))
          .isInstanceOf(RespReader.TooLargeException.class);
    }
  }

  @Test
  @DisplayName("a fence that is not a number counts as 0, and a page that is not whole is named")
  void damaged() throws Exception {
    byte[] value = page(5, 3);
    value[PAGE / 2] ^= 1;
    byte[] answer = Resp.values(Resp.bytes("12x"), page(4, 1), value);
    RespReader reader = Pieces.reader(answer, answer.length);
    reader.begin(1 << 14, DEADLINE);
    PageValues values = values(2);
    reader.values(values);
    assertThatThrownBy(() -> values.whole(PLACE))
        .hasMessageContaining("page 5 is not what was written");
    byte[] fence = Resp.values(Resp.bytes("12x"), page(5, 1));
    RespReader other = Pieces.reader(fence, 3);
    other.begin(1 << 14, DEADLINE);
    PageValues one = values(1);
    other.values(one);
    assertThat(one.whole(PLACE)).isZero();
  }
}
