// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.crypt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class XtsCipherTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final byte[] KEY = ascending(XtsCipher.KEY_BYTES);

  @ParameterizedTest(name = "IEEE 1619 vector {0}")
  @CsvSource({
    "1, 00000000000000000000000000000000, 00000000000000000000000000000000, 0,"
        + "00000000000000000000000000000000, 917cf69ebd68b2ec9b9fe9a3eadda692",
    "2, 11111111111111111111111111111111, 22222222222222222222222222222222, 3333333333,"
        + "44444444444444444444444444444444, c454185e6a16936e39334038acef838b",
    "3, fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0, 22222222222222222222222222222222, 3333333333,"
        + "44444444444444444444444444444444, af85336b597afc1a900b2eb21ec949d2",
    "4, 27182818284590452353602874713526, 31415926535897932384626433832795, 0,"
        + "000102030405060708090a0b0c0d0e0f, 27a7479befa1d476489f308cd4cfa6e2",
    "5, 27182818284590452353602874713526, 31415926535897932384626433832795, 1,"
        + "27a7479befa1d476489f308cd4cfa6e2, 264d3ca8512194fec312c8c9891f279f",
    "6, 27182818284590452353602874713526, 31415926535897932384626433832795, 2,"
        + "264d3ca8512194fec312c8c9891f279f, fa762a3680b76007928ed4a4f49a9456"
  })
  @DisplayName("the standard's vectors hold for the first block of a data unit")
  void knownAnswers(
      String number, String key1, String key2, String unit, String plain, String encrypted) {
    XtsCipher cipher = XtsCipher.withKey(HEX.parseHex(key1 + key2));
    byte[] block = HEX.parseHex(plain);
    // Not through encrypt(), which takes addresses: the standard's unit numbers need not be one.
    cipher.encryption().transform(Long.parseUnsignedLong(unit, 16), block, 0, block.length);
    assertThat(HEX.formatHex(block)).as("vector %s", number).isEqualTo(encrypted);
    cipher.decryption().transform(Long.parseUnsignedLong(unit, 16), block, 0, block.length);
    assertThat(HEX.formatHex(block)).isEqualTo(plain);
  }

  @Test
  @DisplayName("the tweak is the whole physical address, little-endian")
  void addressIsTheTweak() throws GeneralSecurityException {
    long address = 0xfedc_ba98_7654_3210L;
    byte[] tweak =
        ecb(
            KEY,
            16,
            ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(address).array());
    byte[] plain = HEX.parseHex("000102030405060708090a0b0c0d0e0f");
    byte[] expected = xor(ecb(KEY, 0, xor(plain, tweak)), tweak);
    assertThat(XtsCipher.withKey(KEY).encrypt(address, plain)).isEqualTo(expected);
  }

  @Test
  @DisplayName("any aligned block is transformed alone to what it is among others")
  void blocksAreIndependent() {
    XtsCipher cipher = XtsCipher.withRandomKey();
    byte[] plain = ascending(3 * 4096 + 32);
    long address = 0x1_0000_0ff0L;
    byte[] whole = cipher.encrypt(address, plain);
    for (int at = 0; at < plain.length; at += XtsCipher.BLOCK_BYTES) {
      byte[] alone = cipher.encrypt(address + at, Arrays.copyOfRange(plain, at, at + 16));
      assertThat(alone).as("block %d", at).isEqualTo(Arrays.copyOfRange(whole, at, at + 16));
    }
    assertThat(cipher.decrypt(address, whole)).isEqualTo(plain);
  }

  @Test
  @DisplayName("equal bytes have another ciphertext at another address, and under another key")
  void addressAndKeyMatter() {
    byte[] zeros = new byte[16];
    XtsCipher cipher = XtsCipher.withKey(KEY);
    assertThat(cipher.encrypt(0x1000, zeros))
        .isNotEqualTo(cipher.encrypt(0x1010, zeros))
        .isNotEqualTo(XtsCipher.withRandomKey().encrypt(0x1000, zeros));
    assertThat(XtsCipher.withRandomKey().encrypt(0, zeros))
        .isNotEqualTo(XtsCipher.withRandomKey().encrypt(0, zeros));
  }

  @Test
  @DisplayName("parts of blocks and keys of another length are refused in a sentence")
  void refusals() {
    XtsCipher cipher = XtsCipher.withKey(KEY);
    assertThatThrownBy(() -> cipher.encrypt(8, new byte[16]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("only whole blocks of 16 bytes are transformed, not 16 bytes at 0x8");
    assertThatThrownBy(() -> cipher.decrypt(16, new byte[17]))
        .hasMessage("only whole blocks of 16 bytes are transformed, not 17 bytes at 0x10");
    assertThatThrownBy(() -> XtsCipher.withKey(new byte[16]))
        .hasMessage("a key has 32 bytes, 16 for the data and 16 for the tweak, not 16");
  }

  private static byte[] ecb(byte[] key, int from, byte[] block) throws GeneralSecurityException {
    Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
    aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, from, 16, "AES"));
    return aes.doFinal(block);
  }

  private static byte[] xor(byte[] a, byte[] b) {
    byte[] result = new byte[a.length];
    for (int i = 0; i < a.length; i++) {
      result[i] = (byte) (a[i] ^ b[i]);
    }
    return result;
  }

  private static byte[] ascending(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }
}
