// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys of a store.
 *
 * <pre>
 *   {memremap}geometry      {@link GeometryValue}
 *   {memremap}epoch         how many leases there were
 *   {memremap}lease         the one that has the store, for as long as it is renewed
 *   {memremap}owner         whose the newest lease was: its number, and what names it in sentences
 *   {memremap:1f}fence      the newest epoch that this part was used in
 *   {memremap:1f}a3         page a3 of part 1f: both count from 0, in hexadecimal
 * </pre>
 *
 * <p>A part is 1 MiB, or a page that is larger. What stands in braces says which node of a cluster
 * has a key, so a part lies on one node, and its pages are asked for at once.
 *
 * @param prefix what the keys of this store begin with, in the braces
 * @param pageBytes how many bytes a page has
 */
record PageKeys(String prefix, int pageBytes) {
  private static final int PART_BYTES = 1 << 20;

  /** How many pages a part has. */
  int perPart() {
    return Math.max(1, PART_BYTES / pageBytes);
  }

  /** The part that a page is in. */
  long part(long page) {
    return page / perPart();
  }

  byte[] geometry() {
    return bytes("{" + prefix + "}geometry");
  }

  byte[] epoch() {
    return bytes("{" + prefix + "}epoch");
  }

  byte[] lease() {
    return bytes("{" + prefix + "}lease");
  }

  byte[] owner() {
    return bytes("{" + prefix + "}owner");
  }

  byte[] fence(long part) {
    return bytes(inPart(part) + "fence");
  }

  byte[] page(long page) {
    long part = part(page);
    return bytes(inPart(part) + Long.toHexString(page - part * perPart()));
  }

  /** The keys of pages of one part, behind that of its fence. */
  List<byte[]> pages(long first, int count) {
    List<byte[]> keys = new ArrayList<>(count + 1);
    keys.add(fence(part(first)));
    for (long page = first; page < first + count; page++) {
      keys.add(page(page));
    }
    return keys;
  }

  private String inPart(long part) {
    return "{" + prefix + ":" + Long.toHexString(part) + "}";
  }

  private static byte[] bytes(String key) {
    return key.getBytes(StandardCharsets.US_ASCII);
  }
}
