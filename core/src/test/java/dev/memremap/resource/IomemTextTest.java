// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.memremap.Seeds;
import dev.memremap.vectors.Maps;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IomemTextTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/vectors/map-m.iomem",
        "/iomem/qemu-2g.iomem",
        "/iomem/qemu-3g.iomem",
        "/iomem/cloud.iomem",
        "/iomem/laptop.iomem"
      })
  @DisplayName("PRC-1 the text of a real machine is read and written again byte for byte")
  void realMaps(String file) throws IOException {
    byte[] text = bytes(file);
    Resource root;
    try (InputStream in = IomemTextTest.class.getResourceAsStream(file)) {
      root = IomemText.parse(Objects.requireNonNull(in), file, 1);
    }
    assertThat(IomemText.format(root).getBytes(StandardCharsets.UTF_8)).isEqualTo(text);
    assertThat(root.toString()).isEqualTo("00000000-ffffffffffffffff : PCI mem");
    assertThat(root.flags()).isEqualTo(ResourceFlags.MEM);
  }

  @Test
  @DisplayName("flags and descriptors that follow from names are those of map M")
  void flagsOfMapM() throws IOException {
    String text = new String(bytes("/vectors/map-m.iomem"), StandardCharsets.UTF_8);
    List<String> fromText = described(IomemText.parse(text));
    List<String> expected = described(Maps.m().snapshot().root());
    // the text cannot say that a device's memory may be prefetched
    String bar = "1 d0000000-dfffffff : 0000:00:02.0 0x%x NONE";
    assertThat(expected)
        .contains(bar.formatted(ResourceFlags.MEM | ResourceFlags.PREFETCH))
        .hasSameSizeAs(fromText);
    expected.replaceAll(
        line ->
            line.equals(bar.formatted(ResourceFlags.MEM | ResourceFlags.PREFETCH))
                ? bar.formatted(ResourceFlags.MEM)
                : line);
    assertThat(fromText).isEqualTo(expected);
    assertThat(IomemText.format(Maps.m().snapshot().root())).isEqualTo(text);
  }

  @Test
  @DisplayName("lines of equal names share one string, so that a large map takes little room")
  void sharedNames() {
    List<Resource> children =
        IomemText.parse(
                """
                00001000-0009efff : System RAM
                00100000-3fffffff : System RAM
                """)
            .children();
    assertThat(children.get(1).name()).isEqualTo("System RAM").isSameAs(children.get(0).name());
  }

  private static List<String> described(Resource root) {
    List<String> lines = new ArrayList<>();
    new ResourceSnapshot(root)
        .walk(
            (node, level) ->
                lines.add(
                    "%d %s 0x%x %s".formatted(level, node, node.flags(), node.desc().name())));
    return lines;
  }

  @Test
  @DisplayName("PRC-1 addresses have 8 digits at least, 4 in a tree within 64 KiB")
  void width() {
    Resource port = Resource.of(new PhysRange(0xcf8, 0xcff), "PCI conf1", 0, ResourceDesc.NONE);
    Resource wide = Resource.of(new PhysRange(1L << 32, -1), "x", 0, ResourceDesc.NONE);
    assertThat(IomemText.format(Resource.memoryRoot().withChildren(List.of(port, wide))))
        .isEqualTo("00000cf8-00000cff : PCI conf1\n100000000-ffffffffffffffff : x\n");
    assertThat(IomemText.format(within(0xffff, port))).isEqualTo("0cf8-0cff : PCI conf1\n");
    assertThat(IomemText.format(within(0x10000, port))).startsWith("00000cf8-");
  }

  private static Resource within(long end, Resource child) {
    return Resource.of(new PhysRange(0, end), "root", 0, ResourceDesc.NONE)
        .withChildren(List.of(child));
  }

  @Test
  @DisplayName("PRC-2 what lies deeper than level 5 is indented by 10 and found again by its range")
  void deepNests() {
    String text =
        """
        00000000-ffffffff : a
          00000000-ffffffff : b
            00000000-ffffffff : c
              00000000-ffffffff : d
                00000000-ffffffff : e
                  00000000-0fffffff : f
                  00000000-00ffffff : g
                  00000000-000fffff : h
                  00100000-001fffff : i
                  01000000-01ffffff : j
                  10000000-1fffffff : k
        """;
    Resource root = IomemText.parse(text);
    assertThat(IomemText.format(root)).isEqualTo(text);
    List<String> levels = new ArrayList<>();
    new ResourceSnapshot(root).walk((node, level) -> levels.add(level + " " + node.name()));
    assertThat(levels)
        .containsExactly(
            "0 a", "1 b", "2 c", "3 d", "4 e", "5 f", "6 g", "7 h", "7 i", "6 j", "5 k");
  }

  @Test
  @DisplayName("PRC-3 a resource without a name is written <BAD>, and that is read as no name")
  void noName() {
    Resource root = IomemText.parse("00001000-00001fff : <BAD>\n");
    assertThat(root.children().getFirst().name()).isNull();
    assertThat(IomemText.format(root)).isEqualTo("00001000-00001fff : <BAD>\n");
  }

  @Test
  @DisplayName("the last line may lack its newline")
  void noNewline() {
    assertThat(IomemText.format(IomemText.parse("00001000-00001fff : x")))
        .isEqualTo("00001000-00001fff : x\n");
  }

  @Test
  @DisplayName("a name that would break its line is not written")
  void nameThatBreaksItsLine() {
    Resource bad = Resource.of(new PhysRange(0, 9), "two\n00000000-", 0, ResourceDesc.NONE);
    Resource root = Resource.memoryRoot().withChildren(List.of(bad));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IomemText.format(root))
        .withMessage(
            "the name 'two?00000000-' holds a control character and cannot be written as a line;"
                + " give the resource another");
  }

  @Test
  @DisplayName("tree → text → tree keeps every range, name, flag and descriptor")
  void treeToTextToTree() {
    Seeds.check(
        400,
        random -> {
          Resource tree = RandomTrees.tree(random, random.nextInt(1, 9));
          String text = IomemText.format(tree);
          Resource again = IomemText.parse(text);
          assertThat(described(again)).isEqualTo(described(tree));
          assertThat(IomemText.format(again)).isEqualTo(text);
        });
  }

  @Test
  @DisplayName("a text with a byte changed is refused, or written again byte for byte")
  void textToTreeToText() {
    int[] accepted = new int[1];
    Seeds.check(
        4000,
        random -> {
          byte[] text =
              IomemText.format(RandomTrees.tree(random, 6)).getBytes(StandardCharsets.UTF_8);
          String letters = "0159af- :\n#\tRB<é";
          text[random.nextInt(text.length)] =
              (byte) letters.charAt(random.nextInt(letters.length()));
          String changed = new String(text, StandardCharsets.ISO_8859_1);
          Resource tree;
          try {
            tree = IomemText.parse(changed);
          } catch (IomemFormatException e) {
            return;
          }
          accepted[0]++;
          assertThat(IomemText.format(tree))
              .isEqualTo(changed.endsWith("\n") ? changed : changed + "\n");
        });
    assertThat(accepted[0]).as("changed texts that were accepted").isGreaterThan(200);
  }

  @Test
  @DisplayName("100,000 resources are built in one pass")
  void manyResources() {
    StringBuilder text = new StringBuilder();
    for (long i = 0; i < 100_000; i++) {
      text.append("%08x-%08x : device %d\n".formatted(i << 12, (i << 12) + 0xfff, i));
    }
    Resource root = IomemText.parse(text.toString());
    assertThat(root.children()).hasSize(100_000);
    assertThat(IomemText.format(root)).isEqualTo(text.toString());
  }

  private static byte[] bytes(String file) throws IOException {
    try (InputStream in = IomemTextTest.class.getResourceAsStream(file)) {
      return Objects.requireNonNull(in, file).readAllBytes();
    }
  }
}
