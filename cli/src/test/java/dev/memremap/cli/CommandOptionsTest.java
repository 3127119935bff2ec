// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static dev.memremap.cli.CommandRun.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each option of reading, writing and looking: its edges, and the exit status it leads to. */
class CommandOptionsTest {
  private static final String MACHINE =
      """
      # phys-bits=40
      # mtrr-uc=0x80000000+0x80000000
      00000000-00000fff : Reserved
      00001000-3fffffff : System RAM
      40000000-4fffffff : Persistent Memory (legacy)
      """;

  @TempDir private Path folder;
  private Path machine = Path.of("m.iomem");

  @BeforeEach
  void machineFile() throws IOException {
    machine = Files.writeString(folder.resolve("m.iomem"), MACHINE);
  }

  private CommandRun on(String line) {
    return run(
        Stream.concat(Stream.of(line.split(" ")), Stream.of("-m", machine.toString()))
            .toArray(String[]::new));
  }

  @ParameterizedTest
  @CsvSource({
    "write 0x40000000 -i, none/there, 2, cannot be read, no such file or folder",
    "write 0x40000000 -i, ., 2, cannot be read, Is a directory",
    "read 0x40000000 -o, none/there, 3, cannot be written, no such file or folder",
    "read 0x40000000 -o, m.iomem/x, 3, cannot be written, Not a directory",
    "record, none/there, 3, cannot be written, no such file or folder",
    "record --force, ., 3, cannot be written, Is a directory"
  })
  @DisplayName("a file that cannot be read or written is named once, with the reason in words")
  void reasons(String line, String name, int status, String what, String reason) {
    String file = folder.resolve(name).toString();
    CommandRun failed = on(line + " " + file);
    assertThat(failed.status()).isEqualTo(status);
    assertThat(failed.err()).isEqualTo("memremap: %s %s (%s)\n".formatted(file, what, reason));
  }

  @ParameterizedTest
  @CsvSource({
    "plan 1T --type GENERIC, a size without an address is planned without a map",
    "plan 1T --type GENERIC -m host, this computer's own tables are read",
    "iomem, this computer's own tables are read"
  })
  @DisplayName("a file of facts without a map is refused, and the sentence says why")
  void factsAlone(String line, String why) {
    CommandRun refused = run((line + " --mtrr f").split(" "));
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err())
        .startsWith("memremap: --mtrr f: " + why + "; name a map with -m beside it (see 'memremap ")
        .hasLineCount(1);
  }

  @ParameterizedTest(name = "{0} bits: up to {1} words")
  @CsvSource({"8, 1073741824", "16, 536870912", "32, 268435456", "64, 134217728"})
  @DisplayName("read takes 1 to as many words as make 1 GiB; more is a mistake of the caller's")
  void count(int width, long most) {
    for (String count : new String[] {"0", String.valueOf(most + 1), "0xffffffffffffffff"}) {
      CommandRun refused = on("read 0x40000000 -w " + width + " -n " + count);
      assertThat(refused.status()).isEqualTo(2);
      assertThat(refused.err())
          .contains(": read 1 to %d words of %d bits at once".formatted(most, width));
    }
    // that many are taken, and the machine refuses what lies beyond its addresses
    CommandRun asked = on("read 0xffff000000 -w " + width + " -n " + most);
    assertThat(asked.status()).as(asked.err()).isEqualTo(1);
  }

  @ParameterizedTest(name = "{0} bits")
  @CsvSource({
    "8,  0xff,               0x100",
    "16, 0xffff,             0x10000",
    "32, 0xffffffff,         0x100000000",
    "8,  0,                  0xffffffffffffffff",
    "32, 0x80000000,         0xffffffff80000000"
  })
  @DisplayName("write takes the largest number of a width, and none that is larger")
  void fits(int width, String fits, String larger) {
    assertThat(on("write 0x40000000 -w " + width + " " + fits).out())
        .startsWith("%d bytes written at 0x40000000".formatted(width / 8));
    CommandRun refused = on("write 0x40000000 -w " + width + " " + fits + " " + larger);
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err())
        .contains("%s does not fit into %d bits; give a larger --width".formatted(larger, width));
    assertThat(on("write 0x40000000 -w 64 " + larger).status()).isZero();
  }

  @ParameterizedTest(name = "memremap write {0}")
  @CsvSource({
    "0x1000 1,               1, --force-ram writes it all the same",
    "0xffc 1 2,              1, --force-ram writes it all the same",
    "0x3ffffffc 1 2,         1, --force-ram writes it all the same",
    "0xffc 1,                0, ''",
    "0x40000000 1,           0, ''",
    "0x1000 1 --force-ram,   0, ''",
    "0xffc 1 2 --force-ram,  1, partly System RAM",
  })
  @DisplayName("write refuses a range of which any byte is System RAM, unless it is forced")
  void systemRam(String line, int status, String sentence) {
    CommandRun written = on("write " + line);
    assertThat(written.err()).contains(sentence);
    assertThat(written.status()).isEqualTo(status);
  }

  @ParameterizedTest(name = "memremap {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "explain 0xd0000010 0x20 WC | granted for 0xd0000010-0xd000002f",
        "explain d0000010-d000002f WC | granted for 0xd0000010-0xd000002f",
        "explain 0xd0000010+0x20 wc | granted for 0xd0000010-0xd000002f",
        "explain 0000:03:00.0/2+0x10 0x20 WC | granted for 0xd0000010-0xd000002f",
        "explain 0000:03:00.0/2+0x10+0x20 WC | granted for 0xd0000010-0xd000002f",
        "explain 0000:03:00.0/2 WC | granted for 0xd0000000-0xd0ffffff",
        "explain 0000:03:00.0/2 4k UC- | granted for 0xd0000000-0xd0000fff",
        "read 0000:03:00.0/2+0x10 | 0x00000000",
        "read 0000:03:00.0/2+0x10 -n 2 | 0000d0000010  00000000 00000000",
        "read d0000010-d0000017 | 0000d0000010  00000000 00000000",
        "read 0xd0000010+4 | 0x00000000",
        "read 0000:03:00.0/2 | 0x00000000",
        "write 0000:03:00.0/2+0x10 1 2 | 8 bytes written at 0xd0000010-0xd0000017",
        "write d0000010-d0000017 1 2 | 8 bytes written at 0xd0000010-0xd0000017",
        "write 0000:03:00.0/2 1 -w 8 | 1 bytes written at 0xd0000000, UC-",
      })
  @DisplayName("each command takes a place as an address, a range or a region of a device")
  void places(String line, String printed) throws IOException {
    machine =
        Files.writeString(
            folder.resolve("fpga.iomem"),
            """
            # arch=x86_64
            # bar=0000:03:00.0,2,0xd0000000+0x1000000,prefetch
            d0000000-d0ffffff : 0000:03:00.0
            """);
    CommandRun done = on(line);
    assertThat(done.err()).isEmpty();
    assertThat(done.out()).startsWith(printed);
    assertThat(done.status()).isZero();
  }

  @ParameterizedTest(name = "memremap {0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "explain 0x40000000 WB | is an address and has no size",
        "explain 0x40000000+4K 4K WB | 0x40000000+4K already gives a size; leave SIZE out",
        "explain 0x40000000 x WB | SIZE: 'x' is not a number",
        "explain 40000000 4K WB | 40000000: did you mean 0x40000000",
        "explain 0x40000000 4K UC,WB | UC- and UC (ioremap) cannot be combined with others",
        "read 40000000 | 40000000: did you mean 0x40000000",
        "iomem --at foo | 0x…, START+SIZE, or START-END in hexadecimal (see",
        "read 0x40000000+8 -n 2 | says how much is read; leave --count out",
        "read 0x40000000+6 | are not a whole number of 32-bit words; give another --width",
        "read 0x40000000+0 | read 1 to 268435456 words of 32 bits at once",
        "write 40000000 1 | 40000000: did you mean 0x40000000",
        "write 0x40000000+4 1 2 | 0x40000000+4 has 0x4 bytes, and 0x8 are to be written",
        "iomem --at 40000000 | 40000000: did you mean 0x40000000",
        "iomem --at 0000:03:00.0/0 | --at takes an address or a range",
        "iomem --kind ram | no kind of resource 'ram'",
        "iomem -o start,sise | no column 'sise'; the columns are START, END",
      })
  @DisplayName("words that mean no place get one sentence that points at --help")
  void noPlace(String line, String sentence) {
    CommandRun refused = on(line);
    assertThat(refused.err())
        .startsWith("memremap: ")
        .contains(sentence)
        .endsWith("--help')\n")
        .hasLineCount(1);
    assertThat(refused.out()).isEmpty();
    assertThat(refused.status()).isEqualTo(2);
  }

  @Test
  @DisplayName("read and write say on standard error that no resource lies there")
  void hole() {
    for (String line : new String[] {"read 0x60000000 -w 8", "write 0x60000000 1 -w 8"}) {
      CommandRun done = on(line);
      assertThat(done.err()).isEqualTo("memremap: no resource of the machine lies at 0x60000000\n");
      assertThat(done.status()).isZero();
    }
    assertThat(on("explain 0x60000000 4K WC").lines().getFirst())
        .isEqualTo("no resource of the machine lies at 0x60000000-0x60000fff");
  }

  @Test
  @DisplayName("write --verify prints what is read back, and a difference ends with 1")
  void verify() throws IOException {
    assertThat(on("write 0x40000000 7 --verify").lines().getLast())
        .isEqualTo("read back 0x00000007");
    assertThat(on("write 0x40000000 7 8 -w 8 --verify").lines())
        .contains("read back the same 2 bytes")
        .last()
        .asString()
        .startsWith("000040000000  07 08");
    Path raw = Files.write(folder.resolve("raw"), new byte[] {1, 2, 3});
    assertThat(on("write 0x40000000 --verify -i " + raw).lines())
        .hasSize(2)
        .last()
        .isEqualTo("read back the same 3 bytes");
  }

  @Test
  @DisplayName("write takes numbers or a file, not both and not neither")
  void numbersOrFile() throws IOException {
    Path raw = Files.write(folder.resolve("raw"), new byte[] {1, 2, 3});
    assertThat(on("write 0x40000000 -i " + raw).out()).startsWith("3 bytes written");
    for (String values : new String[] {"", " 1 -i " + raw}) {
      CommandRun refused = on("write 0x40000000" + values);
      assertThat(refused.status()).isEqualTo(2);
      assertThat(refused.err()).contains("give either numbers to write or --input FILE");
    }
  }

  @ParameterizedTest(name = "memremap read {0}")
  @CsvSource({
    "0x40000000, WC",
    "0x40000000 --mode WT|WC, WC",
    "0x40001000, WB",
    "0x40001000 --mode wc, WC",
    "0x40000000 --mode WT, ",
  })
  @DisplayName("without --mode WB, WT and WC may serve; with it only what it names")
  void modes(String line, @Nullable String mode) {
    CommandRun read = on("read %s --set memtype=0x40000000+4K:WC --json".formatted(line));
    assertThat(read.status()).isEqualTo(mode == null ? 1 : 0);
    assertThat(read.out()).contains(mode == null ? "" : "\"mode\" : \"%s\"".formatted(mode));
  }

  @Test
  @DisplayName("--set wins over the machine file; the last of two counts")
  void facts() {
    assertThat(on("iomem --json").fact("phys-bits").asInt()).isEqualTo(40);
    assertThat(on("iomem --json --set phys-bits=41").fact("phys-bits").asInt()).isEqualTo(41);
    assertThat(on("iomem --json --set phys-bits=41 --set phys-bits=42").fact("phys-bits").asInt())
        .isEqualTo(42);
    assertThat(on("explain 0x10000000000 4K WB").status()).isEqualTo(1);
    assertThat(on("explain 0x10000000000 4K WB --set phys-bits=41").status()).isZero();
  }

  @ParameterizedTest(name = "memremap {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "explain 0x1000 4K WB --enable -m @m | --enable switches a device of this computer on",
        "explain 0x1000 4K WB --force-driver -m @m | --force-driver is for a device of this"
            + " computer",
        "read 0x1000 --enable -m @m | --enable switches a device of this computer on",
        "read 0x1000 --force-driver -m @m | --force-driver is for a device of this computer",
        "what 0x1000 --force-driver -m @m | --force-driver is for a device of this computer",
        "write 0x40000000 1 --force-driver -m @m | --force-driver is for a device of this computer",
        "write 0x40000000 1 --enable -m @m | --enable switches a device of this computer on",
        "read 0x1000 --json -o @out -m @m | --output writes raw bytes and --json prints numbers",
        "write 0x40000000 -i @m -w 8 -m @m | --width counts for numbers and for registers",
        "iomem --diff @m @m --bytes | --diff compares two files",
        "iomem --diff @m @m --at 0x1000 | --diff compares two files",
        "iomem --summary --at 0x1000 -m @m | --summary shows totals of all",
        "iomem --summary -o NAME -m @m | --summary shows totals of all",
        "iomem --json -b -m @m | --json has all columns",
        "iomem --json -o NAME -m @m | --json has all columns",
        "iomem --diff @m @m --set phys-bits=41 | --diff compares two files",
        "iomem --diff @m @m -m @m | --diff compares two files",
        "pages --force -m @m | --force is for a scenario",
        "pages @none -m @m | a scenario names its own machine",
        "pages @none --set phys-bits=41 | a scenario names its own machine",
      })
  @DisplayName(
      "an option that would have no effect is refused in one sentence, and nothing is done")
  void withoutEffect(String line, String sentence) {
    CommandRun refused =
        run(line.replace("@m", machine.toString()).replace("@", folder + "/").split(" "));
    assertThat(refused.err()).startsWith("memremap: " + sentence).hasLineCount(1);
    assertThat(refused.status()).isEqualTo(2);
    if (line.contains("--json")) {
      assertThat(refused.json().at("/error/message").asString()).startsWith(sentence);
    } else {
      assertThat(refused.out()).isEmpty();
    }
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  @DisplayName("write --width counts where a file's bytes go to registers")
  void widthOfRegisters() throws IOException {
    Path raw = Files.write(folder.resolve("raw"), new byte[] {1, 2, 3, 4, 5, 6});
    String write = "write 0xf0000000 --ioremap -i " + raw;
    assertThat(on(write + " -w 16").out()).startsWith("6 bytes written");
    assertThat(on(write + " -w 32").err()).contains("6 bytes are not a whole number of 32-bit");
  }

  @Test
  @DisplayName("D-13 plan --reserve asks for an altmap, which has room only with --altmap")
  void reserve() {
    String plan = "plan 0x40000000+128M --type GENERIC --memmap kernel --reserve 512";
    CommandRun none = on(plan);
    assertThat(none.status()).isEqualTo(1);
    assertThat(none.out()).contains("D-13, its altmap has room for 0 pages");
    assertThat(on(plan + " --altmap").out()).contains("reserve 512, free 512");
    assertThat(on("plan 0x40000000+128M --type GENERIC --memmap kernel").out())
        .doesNotContain("reserve");
  }

  @Test
  @DisplayName("a difference counts what only the first has and what only the second has")
  void difference() throws IOException {
    Path other =
        Files.writeString(
            folder.resolve("other.iomem"),
            """
            00000000-00000fff : Reserved
            00001000-3fffffff : System RAM
              00001000-00001fff : Kernel code
              00002000-00002fff : Kernel data
            40000000-4ffffffe : Persistent Memory (legacy)
            """);
    CommandRun diff = run("iomem", "--diff", machine.toString(), other.toString());
    assertThat(diff.status()).isEqualTo(1);
    assertThat(diff.out().lines())
        .last()
        .isEqualTo("2 resources in both, 1 only in %s, 3 only in %s".formatted(machine, other));
    assertThat(diff.out().lines().map(String::strip).map(line -> line.replaceAll(" {2,}", " ")))
        .containsSubsequence(
            "40000000-4fffffff : Persistent Memory (legacy) <",
            "> 40000000-4ffffffe : Persistent Memory (legacy)");
  }

  @Test
  @DisplayName("pages of a scenario that cannot be run has the status of a mistake")
  void pagesOfNothing() {
    assertThat(run("pages", folder.resolve("none.scenario").toString()).status()).isEqualTo(2);
  }
}
