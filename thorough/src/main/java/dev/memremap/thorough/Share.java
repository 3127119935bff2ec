// SPDX-License-Identifier: Apache-2.0
package dev.memremap.thorough;

import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which share of all pieces is asked for.
 *
 * @param number 1 to {@code of}
 * @param of into how many shares all pieces are cut
 */
record Share(int number, int of) {
  private static final Pattern WRITTEN = Pattern.compile("([0-9]{1,4})/([0-9]{1,4})");

  /** The word for the share that the commit's hash chooses. */
  static final String OF_COMMIT = "commit";

  Share {
    if (of < 1 || number < 1 || number > of) {
      throw new IllegalArgumentException(
          "-Dshare=%d/%d names no share: the first number is 1 to the second"
              .formatted(number, of));
    }
  }

  /**
   * Reads {@code k/n}, as in 3/20.
   *
   * @throws IllegalArgumentException if it is anything else
   */
  static Share parse(String written) {
    Matcher share = WRITTEN.matcher(written);
    if (!share.matches()) {
      throw new IllegalArgumentException(
          "-Dshare=%s is not understood: write k/n, as in -Dshare=3/20, or -Dshare=%s"
              .formatted(written, OF_COMMIT));
    }
    return new Share(Integer.parseInt(share.group(1)), Integer.parseInt(share.group(2)));
  }

  /**
   * The share that a commit's hash chooses, so that one commit always runs the same share and many
   * commits run them all.
   *
   * @param hash in hexadecimal digits
   */
  static Share ofCommit(String hash, int of) {
    int chosen = new BigInteger(hash, 16).mod(BigInteger.valueOf(of)).intValueExact();
    return new Share(chosen + 1, of);
  }

  @Override
  public String toString() {
    return number + "/" + of;
  }
}
