// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.page.MemoryType;
import dev.memremap.page.PagemapRange;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScenarioSyntaxTest {
  private static final Path FILE = Path.of("a.scenario");

  private static Scenario parse(String... lines) {
    return Scenario.parse(FILE, String.join("\n", lines));
  }

  private static ScenarioSyntaxException mistake(String text) {
    return catchThrowableOfType(ScenarioSyntaxException.class, () -> Scenario.parse(FILE, text));
  }

  /** The lines after the machine are separated by a semicolon; the place is counted with it. */
  @ParameterizedTest(name = "{0} -> {1}: {2}")
  @CsvSource(
      delimiter = '!',
      quoteCharacter = '"',
      textBlock =
          """
          frobnicate                          ! 2:1  ! unknown operation 'frobnicate': one of machine,
          region 0                            ! 2:9  ! too few words: region START SIZE
          region 0 1 2                        ! 2:12 ! too many words: region START SIZE
          memremap a 0 4K                     ! 2:16 ! too few words: memremap NAME OFFSET SIZE FLAGS
          memremap 1a 0 4K WB                 ! 2:10 ! '1a' is not a name
          memremap a.b 0 4K WB                ! 2:10 ! 'a.b' is not a name
          memremap a2345678901234567890123456789012x 0 4K WB ! 2:10 ! is not a name
          memremap ä 0 4K WB                  ! 2:10 ! 'ä' is not a name
          memremap a 4X 4K WB                 ! 2:12 ! '4X' is not a number
          memremap a -1 4K WB                 ! 2:12 ! '-1' is not a number
          memremap a 0x 4K WB                 ! 2:12 ! '0x' is not a number
          memremap a 4KK 4K WB                ! 2:12 ! '4KK' is not a number
          memremap a 4k 4K WB                 ! 2:12 ! '4k' is not a number
          memremap a 1P 4K WB                 ! 2:12 ! '1P' is not a number
          memremap a 0x10000000000000000 4K WB ! 2:12 ! does not fit into 64 bits
          memremap a 18446744073709551616 4K WB ! 2:12 ! does not fit into 64 bits
          memremap a 16777216T 4K WB          ! 2:12 ! does not fit into 64 bits
          memremap a 99999999999999999999999999999999999999999999 4K WB ! 2:12 ! …' is not a number of 64 bits
          memremap a 0 4K UC                  ! 2:17 ! 'UC' is not a flag
          memremap a 0 4K WB|                 ! 2:20 ! '' is not a flag
          memremap a 0 4K WB|0x20             ! 2:20 ! '0x20' is not a flag
          memremap a 0 4K WB|wt               ! 2:20 ! 'wt' is not a flag
          memunmap a                          ! 2:10 ! unknown name a: no earlier memremap defines it
          device a; memunmap a                ! 3:10 ! a is a device (line 2), and a mapping is needed here
          ref a; memunmap a                   ! 3:10 ! a is a reference (line 2), and a mapping is needed here
          device a; device a                  ! 3:8  ! the name a is taken: line 2 defines it as a device
          ref a; ref a                        ! 3:5  ! the name a is taken
          ref a; memremap a 0 4K WB           ! 3:10 ! the name a is taken
          memremap a 0 4K WB; ref a           ! 3:5  ! the name a is taken: line 2 defines it as a mapping
          memremap a 0 4K WB; lookup a 0      ! 3:8  ! the name a is taken
          lookup a 0; memremap a 0 4K WB      ! 3:10 ! the name a is taken: line 2 defines it as a lookup's reference
          pgmap a type=GENERIC range=0+2M; pgmap a type=GENERIC range=0+2M ! 3:7 ! the name a is taken
          memremap a 0 4K WB; load a 0 24     ! 3:10 ! '24' is not a width
          memremap a 0 4K WB; load a 0 0      ! 3:10 ! '0' is not a width
          memremap a 0 4K WB; load a 0        ! 3:9  ! too few words: load NAME OFFSET WIDTH
          memremap a 0 4K WB; store a 0 8     ! 3:12 ! too few words: store NAME OFFSET WIDTH VALUE
          memremap a 0 4K WB; store a 0 128 1 ! 3:11 ! '128' is not a width
          ref r weird                         ! 2:7  ! 'weird' is not a reference's init flag
          ref r dead atomic dead              ! 2:19 ! the init flag dead is given twice
          ref r; ref-get r 0                  ! 3:11 ! the count is at least 1
          ref r; ref-put r 0x0                ! 3:11 ! the count is at least 1
          ref r; ref-get r 1 2                ! 3:13 ! too many words: ref-get R [N]
          ref r; ref-kill r 1                 ! 3:12 ! too many words: ref-kill R
          ref-kill r                          ! 2:10 ! unknown name r: no earlier ref defines it
          device-release d                    ! 2:16 ! unknown name d: no earlier device defines it
          pgmap p type=GENERIC                ! 2:21 ! too few words: pgmap P type=T
          pgmap p type=GENERIC shift=1        ! 2:1  ! a page map needs the key range=
          pgmap p range=0+2M shift=1          ! 2:1  ! a page map needs the key type=
          pgmap p type=DAX range=0+2M         ! 2:14 ! 'DAX' is not a type
          pgmap p type= range=0+2M            ! 2:14 ! the key type has no value
          pgmap p type=0 range=0              ! 2:22 ! '0' is not a range: START+SIZE
          pgmap p type=0 range=0+2M,          ! 2:27 ! '' is not a range
          pgmap p type=0 range=0+2M,4M+x      ! 2:30 ! 'x' is not a number
          pgmap p type=0 range=0+2M type=0    ! 2:27 ! the key type is given twice
          pgmap p type=0 range=0+2M size=4    ! 2:27 ! unknown key 'size': one of type, range, ref, altmap, ops, owner, shift
          pgmap p type=0 range=0+2M live      ! 2:27 ! 'live' is not KEY=VALUE
          pgmap p type=0 range=0+2M ref=r     ! 2:31 ! unknown name r
          device d; pgmap p type=0 range=0+2M ref=d ! 3:31 ! d is a device (line 2), and a reference is needed here
          pgmap p type=0 range=0+2M altmap=1  ! 2:34 ! '1' is not an altmap's share
          pgmap p type=0 range=0+2M altmap=1,2,3 ! 2:34 ! is not an altmap's share
          pgmap p type=0 range=0+2M altmap=1,y ! 2:36 ! 'y' is not a number
          pgmap p type=0 range=0+2M ops=free  ! 2:31 ! 'free' is not a callback
          pgmap p type=0 range=0+2M ops=page_free,page_free ! 2:41 ! the callback page_free is given twice
          pgmap p type=0 range=0+2M owner=1   ! 2:33 ! '1' is not a name
          pgmap p type=0 range=0+2M shift=z   ! 2:33 ! 'z' is not a number
          remap-pages p                       ! 2:13 ! unknown name p: no earlier pgmap defines it
          pgmap p type=0 range=0+2M; remap-pages p d ! 3:15 ! 'd' is not KEY=VALUE
          pgmap p type=0 range=0+2M; remap-pages p dev=d ! 3:19 ! unknown name d: no earlier device defines it
          pgmap p type=0 range=0+2M; unmap-pages p ref=p ! 3:15 ! unknown key 'ref': one of dev
          lookup l 0 hint=l                   ! 2:17 ! the hint is an earlier lookup's name, not the one defined here
          lookup l 0; lookup l 0 hint=l       ! 3:17 ! the hint is an earlier lookup's name, not the one defined here
          lookup l 0 hint=m                   ! 2:17 ! unknown name m: no earlier lookup defines it
          put l                               ! 2:5  ! unknown name l: no earlier lookup defines it
          page                                ! 2:5  ! too few words: page PFN
          page-get                            ! 2:9  ! too few words: page-get PFN
          page-put 1 2                        ! 2:12 ! too many words: page-put PFN
          altmap p                            ! 2:8  ! unknown name p: no earlier pgmap defines it
          machine b.iomem                     ! 2:1  ! a scenario has one machine: this is a second one
          region 0 4K <BEL>                   ! 2:13 ! character U+0007 does not belong
          region<NBSP>0 4K                    ! 2:7  ! character U+00A0 does not belong
          region 0<CR>4K                      ! 2:9  ! character U+000D does not belong
          """)
  void mistakes(String operations, String place, String sentence) {
    String text = "machine m.iomem\n" + operations.strip().replaceAll("; *", "\n") + "\n";
    ScenarioSyntaxException mistake = mistake(withNoise(text));
    assertThat(mistake).as("nothing is wrong with %s", text).isNotNull();
    assertThat(mistake.line() + ":" + mistake.column()).isEqualTo(place);
    assertThat(mistake.sentence()).contains(sentence).doesNotContain("\n");
    assertThat(mistake).hasMessage("a.scenario:" + place + ": " + mistake.sentence());
  }

  private static String withNoise(String text) {
    return text.replace("<BEL>", "\u0007").replace("<NBSP>", "\u00a0").replace("<CR>", "\r");
  }

  @Test
  @DisplayName("machine comes first, is there, and its keys are known and given once")
  void machine() {
    assertThat(mistake("")).hasMessageStartingWith("a.scenario:1:1: no operation");
    assertThat(mistake("# only a comment\n\n")).hasMessageContaining("no operation");
    assertThat(mistake("# c\n  region 0 4K\n"))
        .hasMessageStartingWith("a.scenario:2:3: the first operation is 'machine SPEC'");
    assertThat(mistake("machine")).hasMessageStartingWith("a.scenario:1:8: too few words: machine");
    assertThat(mistake("machine m phys=4"))
        .hasMessageStartingWith(
            "a.scenario:1:11: unknown key 'phys': one of arch, kernel, phys-bits,");
    assertThat(mistake("machine m pages=4K pages=4K"))
        .hasMessageStartingWith("a.scenario:1:20: the key pages is given twice");
    assertThat(parse("machine m bar=a,0,0+4K pages=4K bar=a,2,4K+4K,prefetch").machine().settings())
        .as("a machine has many BARs")
        .extracting(setting -> setting.key() + "=" + setting.value())
        .containsExactly("bar=a,0,0+4K", "pages=4K", "bar=a,2,4K+4K,prefetch");
  }

  @Test
  @DisplayName("the column counts characters, a tab as one, and those outside the BMP as one")
  void columns() {
    assertThat(mistake("machine\t\u00e4\ud83d\ude00\t x").column()).isEqualTo(13);
    assertThat(mistake("machine \ud83d\ude00 x").column()).isEqualTo(11);
  }

  @Test
  @DisplayName("comments, blanks, tabs, and line ends of Windows are ignored")
  void layout() {
    Scenario scenario =
        parse("# head", "", "\tmachine  m.iomem # where", "  ", "region 0x10\t4K#here", "");
    assertThat(scenario.operations())
        .containsExactly(
            new Operation(Verb.MACHINE, 3, new Arguments.Machine("m.iomem", 11, List.of())),
            new Operation(Verb.REGION, 5, new Arguments.Extent(0x10, 4096)));
    assertThat(scenario.textOf(scenario.operations().getLast())).isEqualTo("region 0x10 4K");
    assertThat(Scenario.parse(FILE, "machine m\r\nregion 0 1\r\n").operations()).hasSize(2);
    assertThat(Scenario.parse(FILE, "machine m # \u0007 any comment \ud83d\ude00")).isNotNull();
  }

  @Test
  @DisplayName("numbers are unsigned 64-bit, decimal or hexadecimal, with binary suffixes")
  void numbers() {
    assertThat(parse("machine m", "region 0xFfffffffffffffff 16777215T").operations().getLast())
        .isEqualTo(new Operation(Verb.REGION, 2, new Arguments.Extent(-1, 16777215L << 40)));
    assertThat(parse("machine m", "region 010 0x1G").operations().getLast())
        .isEqualTo(new Operation(Verb.REGION, 2, new Arguments.Extent(10, 1 << 30)));
  }

  /**
   * Each line and what is read from it: one for each verb, more where it can be written otherwise.
   */
  private static final Map<String, Arguments> LINES = new LinkedHashMap<>();

  static {
    Arguments.Name r = new Arguments.Name("r");
    LINES.put(
        "machine host arch=x86_64 phys-bits=40",
        new Arguments.Machine(
            "host",
            9,
            List.of(
                new Arguments.Machine.Setting("arch", "x86_64", 14),
                new Arguments.Machine.Setting("phys-bits", "40", 26))));
    LINES.put("region 4K 0", new Arguments.Extent(4096, 0));
    LINES.put("memremap m-1_ 4K 8K WB|WT|WC|ENC|DEC", memremap(31));
    LINES.put("memremap m-1_ 4K 8K 0x21", memremap(0x21));
    LINES.put("memremap m-1_ 4K 8K 0", memremap(0));
    LINES.put("memunmap m-1_", new Arguments.Name("m-1_"));
    LINES.put("load m-1_ 4 16", new Arguments.Load("m-1_", 4, 16));
    LINES.put("store m-1_ 4 64 0xff", new Arguments.Store("m-1_", 4, 64, 255));
    LINES.put("ref r reinit dead atomic", new Arguments.Ref("r", true, true, true));
    LINES.put("ref s", new Arguments.Ref("s", false, false, false));
    LINES.put("ref-get r", new Arguments.Counted("r", 1));
    LINES.put("ref-put r 0x10", new Arguments.Counted("r", 16));
    for (Verb verb : Verb.on(Verb.Subject.REFERENCE)) {
      if (verb.usage().equals(verb.word() + " R")) {
        LINES.put(verb.word() + " r", r);
      }
    }
    LINES.put("device d", new Arguments.Name("d"));
    LINES.put(
        "pgmap p shift=9 owner=me ops=page_free,memory_failure altmap=1,2 ref=r"
            + " range=2M+4M,8M+0 type=FS_DAX",
        new Arguments.Pgmap(
            "p",
            Optional.of(MemoryType.FS_DAX),
            List.of(new PagemapRange(2 << 20, 4 << 20), new PagemapRange(8 << 20, 0)),
            Optional.of("r"),
            Optional.of(new Arguments.AltmapShare(1, 2)),
            Set.of(Arguments.Callback.PAGE_FREE, Arguments.Callback.MEMORY_FAILURE),
            Optional.of("me"),
            9));
    LINES.put(
        "pgmap q type=0 range=0+0",
        new Arguments.Pgmap(
            "q",
            Optional.empty(),
            List.of(new PagemapRange(0, 0)),
            Optional.empty(),
            Optional.empty(),
            Set.of(),
            Optional.empty(),
            0));
    LINES.put("remap-pages p dev=d", new Arguments.OnMap("p", Optional.of("d")));
    LINES.put("unmap-pages p", new Arguments.OnMap("p", Optional.empty()));
    LINES.put("lookup l 0x100", new Arguments.Lookup("l", 256, Optional.empty()));
    LINES.put("lookup l2 0x100 hint=l", new Arguments.Lookup("l2", 256, Optional.of("l")));
    LINES.put("put l2", new Arguments.Name("l2"));
    LINES.put("page 0x100", new Arguments.Pfn(256));
    LINES.put("page-get 0x100", new Arguments.Pfn(256));
    LINES.put("page-put 0x100", new Arguments.Pfn(256));
    LINES.put("page-init 0x100", new Arguments.HandOut(256, 0));
    LINES.put("page-init 0x100 9", new Arguments.HandOut(256, 9));
    LINES.put("memory-failure 0x100", new Arguments.Pfn(256));
    LINES.put(
        "free-region 4K+1G 2M align=128M",
        new Arguments.FreeRegion(
            new PagemapRange(4096, 1 << 30), 2 << 20, Optional.of(128L << 20), Optional.empty()));
    LINES.put(
        "free-region 0+1T 2M dev=d",
        new Arguments.FreeRegion(
            new PagemapRange(0, 1L << 40), 2 << 20, Optional.empty(), Optional.of("d")));
    LINES.put("altmap p", new Arguments.Name("p"));
    LINES.put("device-release d", new Arguments.Name("d"));
  }

  private static Arguments memremap(long flags) {
    return new Arguments.Memremap("m-1_", 4096, 8192, flags);
  }

  @Test
  @DisplayName("every verb's arguments are read, and the operation keeps its line and its text")
  void everyVerb() {
    Scenario scenario = parse(LINES.keySet().toArray(String[]::new));
    assertThat(scenario.operations())
        .extracting(Operation::arguments)
        .containsExactlyElementsOf(LINES.values());
    assertThat(scenario.operations())
        .extracting(scenario::textOf)
        .containsExactlyElementsOf(LINES.keySet());
    assertThat(scenario.operations()).extracting(Operation::line).isEqualTo(lines(LINES.size()));
    assertThat(scenario.operations()).extracting(Operation::verb).contains(Verb.values());
    assertThat(scenario.machine().isHost()).isTrue();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "remap-pages p dev=d, p d",
    "unmap-pages p, p",
    "lookup l2 0x100 hint=l, l2 l",
    "ref-kill r, r",
    "page 0x100, ''",
    "region 4K 0, ''"
  })
  @DisplayName("an operation names what it defines or works on, in the order written")
  void names(String line, String names) {
    assertThat(String.join(" ", Objects.requireNonNull(LINES.get(line)).names())).isEqualTo(names);
  }

  private static List<Integer> lines(int last) {
    return java.util.stream.IntStream.rangeClosed(1, last).boxed().toList();
  }

  @Test
  @DisplayName("a memremap or a lookup may define a name again, even while it is live")
  void redefinition() {
    assertThat(parse("machine m", "memremap a 0 4K WB", "memremap a 0 4K WB").operations())
        .hasSize(3);
    assertThat(parse("machine m", "lookup a 0", "lookup a 0").operations()).hasSize(3);
  }

  @Test
  @DisplayName("a file that is not UTF-8, too long or not there gets one sentence")
  void noise(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("noise.scenario");
    Files.write(file, new byte[] {'#', ' ', 'x', '\n', '#', (byte) 0xc3, (byte) 0xa4, (byte) 0xff});
    assertThatThrownBy(() -> Scenario.read(file))
        .hasMessage(file + ":2:3: byte 0xff is not UTF-8; save the file as UTF-8 text");
    Files.write(file, new byte[] {'#', (byte) 0xc3});
    assertThatThrownBy(() -> Scenario.read(file))
        .hasMessage(file + ":1:2: byte 0xc3 is not UTF-8; save the file as UTF-8 text");
    Files.writeString(file, "machine m\nregion 0 " + "1".repeat(70_000));
    assertThatThrownBy(() -> Scenario.read(file))
        .hasMessage(file + ":2:65537: the line is longer than 65536 characters");
    byte[] huge = new byte[ScenarioText.MAX_BYTES + 1];
    Arrays.fill(huge, (byte) '\n');
    Files.write(file, huge);
    assertThatThrownBy(() -> Scenario.read(file))
        .hasMessageContaining("the file is larger than 16 MiB");
    assertThatThrownBy(() -> Scenario.read(folder.resolve("none.scenario")))
        .isInstanceOf(ScenarioSyntaxException.class)
        .hasMessageEndingWith("no such file");
    assertThatThrownBy(() -> Scenario.read(folder))
        .isInstanceOf(ScenarioSyntaxException.class)
        .hasMessageContaining("a directory");
    assertThatThrownBy(() -> Scenario.parse(FILE, "machine m\n" + "\u00e4".repeat(60) + "\u202e"))
        .isInstanceOf(ScenarioSyntaxException.class);
    assertThat(ScenarioText.decode("f", "\u00e4".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("\u00e4");
  }
}
