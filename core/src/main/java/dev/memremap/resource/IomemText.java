// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes the text of {@code /proc/iomem}, byte for byte as Linux prints it for root.
 *
 * <p>Reading and writing a text gives the same bytes. A text that would come out different is
 * refused: upper-case or unpadded addresses, CR LF, blank lines, comments. Only a missing newline
 * at the end is accepted, and added; if the last name is the beginning of a known one, the text was
 * cut there and is refused.
 *
 * <p>Writing and reading a tree gives the same ranges and names. Flags and descriptors, which the
 * text does not hold, follow from each name's {@link ResourceKind}. A resource without a name is
 * written {@code <BAD>}, which is read as no name.
 *
 * <p>Thread safety: stateless; the stream must not be used by another thread meanwhile.
 */
public final class IomemText {
  /** PRC-1: the digits of an address in a tree within 64 KiB, such as that of I/O ports. */
  private static final Pattern ADDRESSES =
      Pattern.compile("^( *)([0-9a-f]+)-([0-9a-f]+)", Pattern.MULTILINE);

  private static final int SHORT_WIDTH = 4;

  private static final long SHORT_END = 0x10000;
  private static final String SOURCE = "iomem";

  private IomemText() {}

  /**
   * Reads a tree from a whole text.
   *
   * @throws IomemFormatException if it is malformed; the message calls the source {@code iomem}
   */
  public static Resource parse(String text) {
    Objects.requireNonNull(text, "text");
    try {
      return parse(new ByteArrayInputStream(utf8(text)), SOURCE, 1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Java allows half a character in a string, and no encoding can write it. */
  private static byte[] utf8(String text) {
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
        int line = 1 + (int) text.substring(0, i).chars().filter(before -> before == '\n').count();
        throw new IomemFormatException(
            SOURCE, line, "the line holds half of a surrogate pair; it is not text");
      }
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads a tree from a stream, to its end, with one line of text in memory at a time.
   *
   * @param in the text, UTF-8; it is not closed
   * @param source the name of the stream in messages, such as a file's
   * @param firstLine the number of the stream's first line in that source, from 1
   * @return the root "PCI mem", which is the whole address space, with the resources that the text
   *     lists
   * @throws IomemFormatException at the first line that is wrong
   * @throws IllegalArgumentException if the lines cannot be numbered from there
   * @throws IOException if the stream cannot be read
   */
  public static Resource parse(InputStream in, String source, int firstLine) throws IOException {
    Objects.requireNonNull(in, "in");
    Objects.requireNonNull(source, "source");
    IomemLines lines = new IomemLines(in, source, firstLine);
    IomemNesting nesting = new IomemNesting();
    boolean onlyZeros = true;
    @Nullable String lastName = null;
    @Nullable IomemFormatException overlapOfZeros = null;
    for (String text = lines.next(); text != null; text = lines.next()) {
      IomemLine line;
      try {
        line = IomemLine.parse(text);
      } catch (IllegalArgumentException e) {
        throw lines.error(Objects.requireNonNull(e.getMessage()));
      }
      onlyZeros &= line.isZero();
      lastName = line.name();
      if (overlapOfZeros == null) {
        String problem = nesting.add(line);
        if (problem != null) {
          overlapOfZeros = lines.error(problem);
        }
      }
      if (overlapOfZeros != null && !onlyZeros) {
        throw overlapOfZeros;
      }
    }
    if (lines.number() < firstLine) {
      throw new IomemFormatException(
          source, firstLine, "no resource is listed; give the text of /proc/iomem, read as root");
    }
    if (onlyZeros) {
      throw new IomemFormatException(
          source,
          firstLine,
          "every address is zero because the file was read without CAP_SYS_ADMIN; read /proc/iomem"
              + " as root");
    }
    if (lines.isUnended() && lastName != null && ResourceKind.isBeginning(lastName)) {
      throw lines.error(
          "the text ends inside a name, without a newline; it was cut, copy /proc/iomem again");
    }
    return nesting.root();
  }

  /**
   * Writes a tree as Linux prints it for a reader without CAP_SYS_ADMIN: names and levels, and zero
   * for every address. {@link #parse} refuses such a text.
   */
  public static String formatUnprivileged(Resource root) {
    Objects.requireNonNull(root, "root");
    return ADDRESSES
        .matcher(format(root))
        .replaceAll(found -> found.group(1) + zeros(found.group(2)) + "-" + zeros(found.group(3)));
  }

  /** Zero, padded as any address is: a wider one is not cut, but zero has no wider digits. */
  private static String zeros(String address) {
    return "0".repeat(Math.min(address.length(), IomemLine.WIDTH));
  }

  /**
   * Writes the resources in a root, one a line, as Linux prints them for root. The root itself is
   * not printed, so a tree without resources is the empty text.
   *
   * @throws IllegalArgumentException if a name holds a control character
   */
  public static String format(Resource root) {
    Objects.requireNonNull(root, "root");
    int width =
        Long.compareUnsigned(root.range().endInclusive(), SHORT_END) < 0
            ? SHORT_WIDTH
            : IomemLine.WIDTH;
    StringBuilder out = new StringBuilder();
    new ResourceSnapshot(root)
        .walk((resource, level) -> IomemLine.format(resource, level, width, out));
    return out.toString();
  }
}
