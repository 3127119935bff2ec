// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.crypt;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * The cipher of a machine that encrypts its memory: AES-128 in XTS mode, as memory controllers do
 * it, over the JDK's AES.
 *
 * <p>A data unit is one block of 16 bytes and its number is the block's physical address, so that
 * any aligned block can be transformed by itself, and equal bytes at two addresses have unlike
 * ciphertexts:
 *
 * <pre>
 *   T = AES(key 2, the physical address as a little-endian number of 128 bits)
 *   C = AES(key 1, P xor T) xor T
 * </pre>
 *
 * <p>This is IEEE 1619 for the first block of a data unit; units of one block have no second, hence
 * no multiplication of T and no ciphertext stealing.
 *
 * <p>Thread safety: immutable.
 */
public final class XtsCipher {
  /** A block's bytes; the addresses and lengths of all that is transformed are multiples of it. */
  public static final int BLOCK_BYTES = 16;

  /** Bytes of a key: 16 for the data, then 16 for the tweak. */
  public static final int KEY_BYTES = 32;

  private final SecretKeySpec dataKey;
  private final SecretKeySpec tweakKey;

  private XtsCipher(byte[] key) {
    dataKey = new SecretKeySpec(key, 0, KEY_BYTES / 2, "AES");
    tweakKey = new SecretKeySpec(key, KEY_BYTES / 2, KEY_BYTES / 2, "AES");
  }

  /** Makes a cipher with a random key, as a machine does at each boot. */
  public static XtsCipher withRandomKey() {
    byte[] key = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(key);
    XtsCipher cipher = new XtsCipher(key);
    Arrays.fill(key, (byte) 0);
    return cipher;
  }

  /**
   * A cipher with a known key, where a result shall repeat.
   *
   * @param key 16 bytes for the data, then 16 for the tweak; copied
   * @throws IllegalArgumentException if it has another length
   */
  public static XtsCipher withKey(byte[] key) {
    if (key.length != KEY_BYTES) {
      throw new IllegalArgumentException(
          "a key has %d bytes, 16 for the data and 16 for the tweak, not %d"
              .formatted(KEY_BYTES, key.length));
    }
    return new XtsCipher(key);
  }

  /**
   * Encrypts bytes of memory.
   *
   * @param physicalAddress of the first byte, a multiple of 16
   * @param plain the bytes, a multiple of 16; left as they are
   * @return as many bytes
   * @throws IllegalArgumentException if the address or the length is not a multiple of 16
   */
  public byte[] encrypt(long physicalAddress, byte[] plain) {
    return transformed(encryption(), physicalAddress, plain);
  }

  /** Decrypts bytes of memory: the inverse of {@link #encrypt(long, byte[])}. */
  public byte[] decrypt(long physicalAddress, byte[] encrypted) {
    return transformed(decryption(), physicalAddress, encrypted);
  }

  private static byte[] transformed(XtsPass pass, long physicalAddress, byte[] bytes) {
    if (physicalAddress % BLOCK_BYTES != 0 || bytes.length % BLOCK_BYTES != 0) {
      throw new IllegalArgumentException(
          "only whole blocks of 16 bytes are transformed, not %d bytes at 0x%x"
              .formatted(bytes.length, physicalAddress));
    }
    byte[] result = bytes.clone();
    pass.transform(physicalAddress, result, 0, result.length);
    return result;
  }

  XtsPass encryption() {
    return new XtsPass(aes(Cipher.ENCRYPT_MODE, dataKey), aes(Cipher.ENCRYPT_MODE, tweakKey));
  }

  XtsPass decryption() {
    return new XtsPass(aes(Cipher.DECRYPT_MODE, dataKey), aes(Cipher.ENCRYPT_MODE, tweakKey));
  }

  private static Cipher aes(int mode, SecretKeySpec key) {
    try {
      Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
      cipher.init(mode, key);
      return cipher;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no AES, which every JDK must have", e);
    }
  }
}
