// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives that were made to cost memory or time get one sentence. */
class HostileArchiveTest {
  /** Far beyond what a busy machine needs to read 1 GiB. */
  private static final Duration HANG = Duration.ofMinutes(5);

  private static final int MIB = 1 << 20;

  @TempDir private Path temp;

  private Reading read(byte[] bytes) {
    Path file = Archives.write(temp.resolve("report"), bytes);
    return assertTimeoutPreemptively(HANG, () -> MachineReader.of(file).read());
  }

  private void assertOneSentence(byte[] bytes, String said) {
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOfAny(UncheckedIOException.class, IllegalArgumentException.class)
        .hasMessageStartingWith(temp.resolve("report") + ": ")
        .hasMessageContaining(said)
        .message()
        .hasLineCount(1)
        .hasSizeLessThan(300);
  }

  @Test
  @DisplayName("twenty maps of packed zeros are left out one by one, in little memory")
  void zerosInXz() {
    byte[] zeros = Archives.xzOfZeros(33);
    byte[] archive =
        Archives.tar(
            tar -> {
              for (int i = 0; i < 20; i++) {
                Archives.add(tar, "a%d/iomem".formatted(i), zeros);
              }
            });
    assertOneSentence(archive, "no file there is named iomem");
  }

  @Test
  @DisplayName("twenty maps of packed zeros do not hide one that is right")
  void zerosBesideMap() {
    byte[] zeros = Archives.xzOfZeros(20);
    byte[] archive =
        Archives.tar(
            tar -> {
              for (int i = 0; i < 20; i++) {
                Archives.add(tar, "a%d/iomem".formatted(i), zeros);
              }
              Archives.add(tar, "proc/iomem", Archives.MAP);
            });
    Reading reading = read(archive);
    assertThat(reading.machine().root().children()).hasSize(2);
    assertThat(reading.remarks()).hasSize(6).allMatch(each -> each.toString().contains("left out"));
    assertThat(reading.remarks().getLast().sentence()).contains("15 more files");
  }

  @ParameterizedTest
  @Tag("thorough")
  @ValueSource(strings = {"core", "iomem"})
  @DisplayName("seven GiB of zeros in seven MiB of gzip are read in part")
  void zerosInGzip(String name) throws IOException {
    byte[] header = header(name, TarConstants.LF_NORMAL, 7L << 30);
    byte[] zeros = Archives.gzip(new byte[64 * MIB]);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(Archives.gzip(header));
    for (int i = 0; i < 112; i++) {
      bytes.write(zeros);
    }
    assertOneSentence(bytes.toByteArray(), "unpacks to more than 1 GiB");
  }

  @ParameterizedTest
  @ValueSource(
      bytes = {
        TarConstants.LF_GNUTYPE_LONGNAME,
        TarConstants.LF_GNUTYPE_LONGLINK,
        TarConstants.LF_PAX_EXTENDED_HEADER_LC,
        TarConstants.LF_PAX_GLOBAL_EXTENDED_HEADER
      })
  @DisplayName("a chain of headers without a file is not followed to its end")
  void headers(byte kind) throws IOException {
    byte[] body = (kind < 'a' ? "x\0" : "6 a=b\n").getBytes(StandardCharsets.UTF_8);
    byte[] header = header("././@LongLink", kind, body.length);
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    for (int i = 0; i < 20_000; i++) {
      archive.write(header);
      archive.write(Arrays.copyOf(body, header.length));
    }
    archive.write(Archives.tar(tar -> Archives.add(tar, "iomem", Archives.MAP)));
    assertOneSentence(archive.toByteArray(), "headers of its archive follow one another");
  }

  private static byte[] header(String name, byte kind, long size) {
    byte[] header = new byte[512];
    TarArchiveEntry entry = new TarArchiveEntry(name, kind);
    entry.setSize(size);
    entry.writeEntryHeader(header);
    return header;
  }

  @Test
  @DisplayName("a name of two MiB is not kept")
  void longName() {
    byte[] archive =
        Archives.tar(
            tar -> {
              TarArchiveEntry entry =
                  new TarArchiveEntry("././@LongLink", TarConstants.LF_GNUTYPE_LONGNAME);
              entry.setSize(2 * MIB);
              tar.putArchiveEntry(entry);
              tar.write(new byte[2 * MIB]);
              tar.closeArchiveEntry();
              Archives.add(tar, "iomem", Archives.MAP);
            });
    assertOneSentence(archive, "longer than 1 MiB");
  }

  @Test
  @DisplayName("a hundred thousand empty pieces of gzip are not followed to their end")
  void emptyPieces() throws IOException {
    byte[] piece = Archives.gzip(new byte[0]);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < 100_000; i++) {
      bytes.write(piece);
    }
    assertOneSentence(bytes.toByteArray(), "empty pieces");
  }

  @Test
  @DisplayName("pieces of gzip that hold something are read one after another")
  void pieces() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (String line : Archives.MAP.split("(?<=\n)")) {
      bytes.write(Archives.gzip(line.getBytes(StandardCharsets.UTF_8)));
    }
    assertThat(read(bytes.toByteArray()).machine().root().children()).hasSize(2);
  }

  @Test
  @DisplayName("a file of nothing but line ends costs no more memory than one of text")
  void lineEnds() {
    assertOneSentence(
        "\n".repeat(20 * MIB).getBytes(StandardCharsets.UTF_8), "more than 1000000 lines");
  }
}
