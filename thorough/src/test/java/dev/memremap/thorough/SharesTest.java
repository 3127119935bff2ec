// SPDX-License-Identifier: Apache-2.0
package dev.memremap.thorough;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SharesTest {
  private static final List<Piece> ALL = new Catalogue("console.jar").pieces();

  @Test
  @DisplayName("every piece has a name of its own, which is also that of its log")
  void names() {
    assertThat(ALL.stream().map(Piece::name)).doesNotHaveDuplicates();
    assertThat(ALL.stream().map(Thorough::logOf)).doesNotHaveDuplicates();
  }

  @Test
  @DisplayName("all shares together are all pieces, each once, however many shares there are")
  void everyPieceOnce() {
    for (int n = 1; n <= ALL.size() + 3; n++) {
      assertThat(Shares.cut(ALL, n)).hasSize(n);
      assertThat(Shares.cut(ALL, n).stream().flatMap(List::stream))
          .as("%d shares", n)
          .containsExactlyInAnyOrderElementsOf(ALL);
    }
  }

  @Test
  @DisplayName(
      "a share without a piece is refused, and the sentence says how many shares there are")
  void emptyShare() {
    int n = ALL.size();
    for (int k = 1; k <= n; k++) {
      assertThat(Shares.chosen(ALL, new Share(k, n))).hasSize(1);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Shares.chosen(ALL, new Share(n + 1, n + 1)))
        .withMessage(
            "-Dshare=%d/%d has no piece in it: there are %d pieces, which are best cut into %d"
                + " shares",
            n + 1, n + 1, n, Shares.count(ALL));
  }

  @Test
  @DisplayName("the cut is the same one each time")
  void sameCut() {
    assertThat(Shares.cut(ALL, 7)).isEqualTo(Shares.cut(ALL, 7));
  }

  @Test
  @DisplayName("a share takes at most eight minutes, and all of them at most 300")
  void budget() {
    int count = Shares.count(ALL);
    assertThat(Shares.cut(ALL, count))
        .allSatisfy(share -> assertThat(Shares.seconds(share)).isBetween(1, 8 * 60));
    assertThat(Shares.seconds(ALL)).isLessThanOrEqualTo(300 * 60);
  }

  @Test
  @DisplayName("no smaller number of shares would do")
  void fewestShares() {
    int fewer = Shares.count(ALL) - 1;
    assertThat(Shares.cut(ALL, fewer))
        .anySatisfy(share -> assertThat(Shares.seconds(share)).isGreaterThan(Shares.MOST_SECONDS));
  }

  @Test
  @DisplayName("the hashes of some commits choose every share, and one hash always the same")
  void ofCommit() {
    assertThat(IntStream.range(0, 64).mapToObj(i -> Share.ofCommit("f5c21f2" + i, 8).number()))
        .contains(1, 2, 3, 4, 5, 6, 7, 8)
        .allMatch(number -> number >= 1 && number <= 8);
    assertThat(Share.ofCommit("ff", 8)).isEqualTo(new Share(8, 8));
    assertThat(Share.ofCommit("f8", 8)).isEqualTo(new Share(1, 8));
  }

  @ParameterizedTest
  @CsvSource({"1/1, 1, 1", "3/20, 3, 20", "20/20, 20, 20"})
  @DisplayName("k/n is understood")
  void parsed(String written, int number, int of) {
    assertThat(Share.parse(written)).isEqualTo(new Share(number, of)).hasToString(written);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0/3", "4/3", "1/0", "0/0"})
  @DisplayName("a share that is not there is refused")
  void noSuchShare(String written) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Share.parse(written))
        .withMessage("-Dshare=%s names no share: the first number is 1 to the second", written);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "3", "3/", "/3", "-1/3", "1/3/5", " 1/3", "a/b", "99999/99999"})
  @DisplayName("anything else is refused, and the sentence says what to write")
  void notUnderstood(String written) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Share.parse(written))
        .withMessage(
            "-Dshare=%s is not understood: write k/n, as in -Dshare=3/20, or -Dshare=commit",
            written);
  }
}
