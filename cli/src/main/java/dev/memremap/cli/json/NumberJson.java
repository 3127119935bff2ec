// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.json;

import java.math.BigInteger;
import tools.jackson.databind.node.ObjectNode;

/**
 * Numbers in JSON. Readers of JSON hold whole numbers exactly up to 2^53 only, so larger ones are
 * strings in hexadecimal; addresses and numbers of pages always are.
 */
public final class NumberJson {
  static final BigInteger ALL_ADDRESSES = BigInteger.TWO.pow(Long.SIZE);

  private static final BigInteger LARGEST_NUMBER = BigInteger.TWO.pow(53);

  private NumberJson() {}

  /** Adds a size or a count, which is unsigned. */
  public static void put(ObjectNode node, String name, long amount) {
    put(node, name, new BigInteger(Long.toUnsignedString(amount)));
  }

  /** Adds a size or a count. */
  public static void put(ObjectNode node, String name, BigInteger amount) {
    if (amount.compareTo(LARGEST_NUMBER) <= 0) {
      node.put(name, amount.longValueExact());
    } else {
      node.put(name, "0x" + amount.toString(16));
    }
  }

  /** Adds an address or a page's number. */
  public static void putAddress(ObjectNode node, String name, long address) {
    node.put(name, "0x" + Long.toHexString(address));
  }
}
