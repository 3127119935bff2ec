// SPDX-License-Identifier: Apache-2.0
package dev.memremap.thorough;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Cuts the pieces into shares that take about the same time. The cut is always the same one. */
final class Shares {
  /** How long a share may take, in seconds, by what its pieces were measured to take. */
  static final int MOST_SECONDS = 7 * 60;

  private Shares() {}

  /** The smallest number of shares of which none takes longer than {@link #MOST_SECONDS}. */
  static int count(List<Piece> pieces) {
    return IntStream.rangeClosed(1, pieces.size())
        .filter(n -> cut(pieces, n).stream().allMatch(share -> seconds(share) <= MOST_SECONDS))
        .findFirst()
        .orElse(pieces.size());
  }

  /**
   * Cuts all pieces into {@code n} shares: the longest piece first, each into the share that is the
   * shortest until then.
   */
  static List<List<Piece>> cut(List<Piece> pieces, int n) {
    List<List<Piece>> shares =
        Stream.generate(ArrayList<Piece>::new).limit(n).<List<Piece>>map(s -> s).toList();
    pieces.stream()
        .sorted(Comparator.comparingInt(Piece::seconds).reversed().thenComparing(Piece::name))
        .forEach(
            piece ->
                shares.stream()
                    .min(Comparator.comparingInt(Shares::seconds))
                    .orElseThrow()
                    .add(piece));
    return shares;
  }

  /**
   * The pieces of a share.
   *
   * @throws IllegalArgumentException if it has none, so that nothing would run and nothing fail
   */
  static List<Piece> chosen(List<Piece> pieces, Share share) {
    List<Piece> chosen = cut(pieces, share.of()).get(share.number() - 1);
    if (chosen.isEmpty()) {
      throw new IllegalArgumentException(
          "-Dshare=%s has no piece in it: there are %d pieces, which are best cut into %d shares"
              .formatted(share, pieces.size(), count(pieces)));
    }
    return chosen;
  }

  /** How long a share takes on two quiet cores. */
  static int seconds(List<Piece> share) {
    return share.stream().mapToInt(Piece::seconds).sum();
  }
}
