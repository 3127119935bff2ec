// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.memremap.machine.MachineDescription.Bar;
import dev.memremap.machine.MachineDescription.Origin;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Fact;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The head of a machine file: what it states, and where that was read. */
class MachineHeaderTest {
  private static final String MAP =
      """
      00001000-3fffffff : System RAM
      e0000000-efffffff : PCI Bus 0000:00
      """;
  private static final String FIRST = "# bar=0000:03:00.0,2,0xe0000000+0x1000\n";

  private static String line(int i) {
    return "# bar=%04x:00:00.0,0,0x%x+0x1000\n".formatted(i, 0xe000_0000L + (i << 12));
  }

  @Test
  @DisplayName("as many BARs as a head may have are all read, in the order of their lines")
  void bars() {
    String head = IntStream.range(0, 10_000).mapToObj(i -> line(i)).collect(Collectors.joining());
    MachineDescription machine = MachineDescription.parse(head + MAP);
    assertThat(machine.bars()).hasSize(10_000);
    assertThat(machine.bars().getLast().device()).isEqualTo("270f:00:00.0");
    assertThat(machine.origins()).containsEntry(Fact.BARS, new Origin(Fact.Source.STATED, ""));
    assertThat(machine.toText()).isEqualTo(head + MAP);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0000:03:00.0,2,0xe0001000+0x1000 | BAR 2 of 0000:03:00.0 is given twice; keep one",
        "0000:04:00.0,2,0x1000+0x1000 | lies in no resource of the machine but System RAM",
        "0000:04:00.0,9,0xe0001000+0x1000 | a device's BARs are 0 to 5",
        "0000:04:00.0 | the value must be DEVICE,N"
      })
  @DisplayName("a bar= line that is wrong is named by its number, whatever comes after it")
  void barByItsLine(String value, String why) {
    String text = FIRST + "# a comment\n# bar=" + value + "\n# phys-bits=what\n" + MAP;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MachineDescription.parse(text, "file"))
        .withMessageStartingWith("file:3: ")
        .withMessageContaining(why);
  }

  @Test
  @DisplayName("a bar= line reads as the BAR that it was written from")
  void barAsText() {
    for (String value :
        List.of("0000:03:00.0,2,0xe0000000+0x1000", "edu,0,0xe0000000+0x10,prefetch,driver")) {
      assertThat(Bar.parse(value)).hasToString(value);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a b",
        "a\nb",
        "a,b",
        "a\u001b",
        "",
        "a\u00a0b",
        "a\u2003b",
        "a\u2028b",
        "a\u0085b",
        "\u3000"
      })
  @DisplayName("a name that a bar= line cannot hold is refused")
  void noWord(String name) {
    PhysRange range = PhysRange.parse("0xe0000000+4K");
    for (ThrowingCallable bar :
        List.<ThrowingCallable>of(
            () -> new Bar(name, 0, range, false, null),
            () -> new Bar("device", 0, range, false, name))) {
      assertThatIllegalArgumentException()
          .isThrownBy(bar)
          .withMessageContaining("no comma, space or control character")
          .withMessageNotContaining("\n");
    }
  }

  @Test
  @DisplayName("a driver named as the word for prefetchable is refused, for no line could say it")
  void driverNamedPrefetch() {
    PhysRange range = PhysRange.parse("0xe0000000+4K");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Bar("edu", 0, range, false, "prefetch"))
        .withMessageContaining("cannot be named 'prefetch'");
    assertThat(new Bar("prefetch", 0, range, true, null).toString())
        .satisfies(text -> assertThat(Bar.parse(text)).hasToString(text));
  }

  @ParameterizedTest
  @ValueSource(ints = {'\n', '\r', 0x1b, 0x7f, 0x85, 0x202e, 0x2028})
  @DisplayName("a control character in a file's name stands in the head as its number")
  void controlCharacters(int c) {
    String name = "mtrr" + Character.toString(c) + "# arch=s390x";
    MachineDescription machine =
        MachineDescription.parse(MAP).with("mtrr", "off", new Origin(Fact.Source.READ, name));
    String shown = "mtrr\\x%02x# arch=s390x".formatted(c);
    assertThat(machine.toText())
        .isEqualTo("# recorded: mtrr from " + shown + "\n# mtrr=off\n" + MAP);
    MachineDescription read = MachineDescription.parse(machine.toText());
    assertThat(read.origins())
        .containsExactlyEntriesOf(Map.of(Fact.MTRRS, new Origin(Fact.Source.RECORDED, shown)));
    assertThat(read.toText()).as("written again").isEqualTo(machine.toText());
  }

  private static final String WITH_BARS = MAP + "fd000000-fdffffff : 0000:00:02.0\n";

  private static Fact.Known drivers(MachineDescription machine) {
    return machine.facts().stream()
        .filter(known -> known.fact() == Fact.DRIVERS)
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest(name = "{0}{1} is {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        " | prefetch,bochs-drm | stated | bochs-drm",
        " | prefetch | assumed | as the map names them",
        "bar from lspci | bochs-drm | recorded | bochs-drm",
        "bar from lspci | prefetch | assumed | as the map names them",
        "bar from lspci, drivers from lspci | prefetch | recorded | as the map names them",
      })
  @DisplayName("LIB-9 a driver that a bar= line names is known, and a record keeps from where")
  void knownDrivers(@Nullable String recorded, String words, String source, String value) {
    String bar = "0000:00:02.0,0,0xfd000000+0x1000000," + words;
    String head = recorded == null ? "" : "# recorded: " + recorded + "\n";
    MachineDescription read = MachineDescription.parse(head + "# bar=" + bar + "\n" + WITH_BARS);
    assertThat(drivers(read).source().id()).isEqualTo(source);
    assertThat(drivers(read).value()).isEqualTo(value);
    assertThat(drivers(MachineDescription.parse(read.toText()))).isEqualTo(drivers(read));
    if (recorded == null) {
      assertThat(drivers(MachineDescription.parse(WITH_BARS).with("bar", bar)))
          .as("as a scenario's machine line")
          .isEqualTo(drivers(read));
    }
  }

  @Test
  @DisplayName(
      "of two places where a fact was read, the last counts; one not stated is passed over")
  void recordedTwice() {
    String text =
        "# recorded: mtrr from a, bar from b, nothing from c\n"
            + "# recorded: mtrr from d\n"
            + "# mtrr=off\n";
    assertThat(MachineDescription.parse(text + MAP).origins())
        .isEqualTo(Map.of(Fact.MTRRS, new Origin(Fact.Source.RECORDED, "d")));
  }
}
