// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.rule.Rule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each rule of "Comparing with a kernel's answers", with answers made by hand. */
class ComparisonTest {
  private static final Path FILE = Path.of("/list/part/x.scenario");
  private static final String[] MAPPINGS = {
    "machine m", "memremap a 0 4K WB", "memremap b 0 4K WC", "load a 0 8", "region 0 4K"
  };

  /** Ours beside the kernel's, one pair a line: {@code ours / kernel}; {@code D-8!} departs. */
  private static Comparison compare(String[] operations, String[] pairs, String @Nullable ... tsv) {
    return compare(Kernel.FOLLOWED, operations, pairs, tsv);
  }

  private static Comparison compare(
      Kernel kernel, String[] operations, String[] pairs, String @Nullable ... tsv) {
    List<Answer> ours = new ArrayList<>();
    StringBuilder recorded = new StringBuilder();
    for (int i = 0; i < pairs.length; i++) {
      String[] pair = pairs[i].split(" / ");
      String[] mark = pair[0].split(" by ");
      Optional<Rule> rule =
          mark.length == 1
              ? Optional.empty()
              : Arrays.stream(Rule.values())
                  .filter(known -> known.id().equals(mark[1].replace("!", "")))
                  .findFirst()
                  .or(() -> Optional.of(Rule.D_1));
      boolean parts = mark.length > 1 && mark[1].endsWith("!");
      ours.add(new Answer(mark[0], rule, parts, List.of("the reason")));
      recorded.append(i + 1).append(": ").append(pair[pair.length - 1]).append('\n');
    }
    return Comparison.of(
        Scenario.parse(FILE, String.join("\n", operations)),
        ours,
        kernel,
        Answers.parse(FILE, recorded.toString()),
        tsv == null ? Optional.empty() : Optional.of(list(tsv)));
  }

  private static DepartureList list(String... rows) {
    return DepartureList.parse(
        Path.of("/list/departures.tsv"),
        "scenario\tline\tdeparture\tours\tkernel\toperation\n"
            + String.join("\n", rows).replace(';', '\t')
            + "\n");
  }

  private static String[] pairs(String... pairs) {
    return pairs;
  }

  private static final String[] NO_LIST = null;

  @Test
  @DisplayName("lines that agree are compared, and that is all")
  void agreement() {
    Comparison all =
        compare(MAPPINGS, pairs("ok", "ok mode=WB direct=no", "null", "0x0", "MIXED"), NO_LIST);
    assertThat(all.holds()).isTrue();
    assertThat(all.compared()).isEqualTo(5);
    assertThat(all.unsupported()).isZero();
    assertThat(all.departed()).isEmpty();
    assertThat(all.parted()).isFalse();
  }

  @Test
  @DisplayName("any other mismatch is a difference, and the comparison goes on")
  void mismatch() {
    Comparison two =
        compare(
            MAPPINGS,
            pairs(
                "ok", "ok mode=WB direct=no / ok mode=UC- direct=no", "null", "0x0 / 0x1", "MIXED"),
            NO_LIST);
    assertThat(two.compared()).isEqualTo(5);
    assertThat(two.differences()).extracting(Difference::line).containsExactly(2, 4);
    assertThat(two.differences().getFirst())
        .hasToString(
            """
            %s:2: memremap a 0 4K WB
              - expected  ok mode=UC- direct=no
              + ours      ok mode=WB direct=no
                because   the reason"""
                .formatted(FILE));
  }

  @Test
  @DisplayName("a line that the kernel cannot do is skipped and counted, whatever ours is")
  void kernelUnsupported() {
    Comparison skipped =
        compare(
            MAPPINGS,
            pairs(
                "ok", "null / unsupported", "refused / unsupported", "0x7 / unsupported", "MIXED"),
            NO_LIST);
    assertThat(skipped.holds()).isTrue();
    assertThat(skipped.unsupported()).isEqualTo(3);
    assertThat(skipped.compared()).isEqualTo(2);
    assertThat(skipped.parted()).isFalse();
  }

  @Test
  @DisplayName("the states part where ours did more to a state than the kernel could")
  void parted() {
    Comparison parted =
        compare(
            MAPPINGS,
            pairs("ok", "ok mode=WB direct=no / unsupported", "null / ok", "0x7 / 0x0", "MIXED"),
            NO_LIST);
    assertThat(parted.holds()).isTrue();
    assertThat(parted.parted()).isTrue();
    assertThat(parted.unsupported()).isEqualTo(1);
    assertThat(parted.compared()).isEqualTo(1);
  }

  @ParameterizedTest(name = "{0} answered {1}: {2}")
  @CsvSource({
    "memremap a 0 4K WB,       ok mode=WB direct=no, true",
    "memremap a 0 4K WB,       null,                 false",
    "memunmap m,               ok,                   true",
    "memunmap m,               not-live,             false",
    "store m 0 8 1,            ok,                   false",
    "load m 0 8,               0x0,                  false",
    "region 0 4K,              MIXED,                false",
    "device e,                 ok,                   false",
    "device-release d,         ok,                   true",
    "device-release d,         busy,                 false",
    "pgmap q type=0 range=0+0, ok,                   true",
    "remap-pages p,            ok direct=yes,        true",
    "remap-pages p,            error EINVAL,         false",
    "remap-pages p,            refused,              false",
    "unmap-pages p,            ok,                   true",
    "unmap-pages p,            busy,                 false",
    "ref s,                    ok,                   true",
    "ref-get r,                ok,                   true",
    "ref-put r,                ok released,          true",
    "ref-put r,                refused,              false",
    "ref-tryget r,             true,                 true",
    "ref-tryget r,             false,                false",
    "ref-tryget-live r,        true,                 true",
    "ref-tryget-live r,        false,                false",
    "ref-kill r,               ok,                   true",
    "ref-reinit r,             ok,                   true",
    "ref-resurrect r,          ok,                   true",
    "ref-to-atomic r,          ok,                   false",
    "ref-to-percpu r,          ok,                   false",
    "ref-state r,              dying=no zero=no,     false",
    "ref-exit r,               ok,                   false",
    "lookup k 0,               pgmap=p,              true",
    "lookup k 0,               none,                 false",
    "lookup k 0 hint=l,        none,                 true",
    "lookup k 0 hint=l,        not-live,             false",
    "put l,                    ok,                   true",
    "page 0,                   none,                 false",
    "page-get 0,               ok,                   true",
    "page-put 0,               ok,                   true",
    "page-init 0,              ok,                   true",
    "page-init 0 9,            unsupported,          false",
    "memory-failure 0,         ok,                   true",
    "memory-failure 0,         error EBUSY,          false",
    "free-region 0+1T 2M,      ok start=0x0 size=0x8000000, true",
    "free-region 0+1T 2M,      error ERANGE,         false",
    "altmap p,                 none,                 false",
  })
  @DisplayName("memory contents do not part the states; maps, mappings and counts do")
  void whatParts(String operation, String answer, boolean parts) {
    String[] operations = {
      "machine x",
      "memremap m 0 4K WB",
      "device d",
      "ref r",
      "pgmap p type=0 range=0+0",
      "lookup l 0",
      operation,
      "region 0 1"
    };
    for (String pair : List.of(answer + " / unsupported", "unsupported / " + answer)) {
      Comparison comparison =
          compare(operations, pairs("ok", "ok", "ok", "ok", "ok", "none", pair, "MIXED"), NO_LIST);
      assertThat(comparison.parted()).as(pair).isEqualTo(parts);
      assertThat(comparison.compared()).as(pair).isEqualTo(parts ? 6 : 7);
      assertThat(comparison.unsupported()).as(pair).isEqualTo(1);
      assertThat(comparison.holds()).as(pair).isTrue();
    }
  }

  @Test
  @DisplayName("what neither side can do is skipped, and the states stay the same")
  void bothUnsupported() {
    Comparison both =
        compare(
            MAPPINGS,
            pairs("ok", "unsupported", "ok mode=WC direct=no", "unsupported", "MIXED"),
            NO_LIST);
    assertThat(both.unsupported()).isEqualTo(2);
    assertThat(both.compared()).isEqualTo(3);
    assertThat(both.parted()).isFalse();
  }

  @Test
  @DisplayName(
      "a departure whose answers differ does not count as a difference, and ends the comparison")
  void departed() {
    Comparison departed =
        compare(
            MAPPINGS,
            pairs("ok", "null by D-8 / ok mode=WB direct=yes", "null / ok", "0x0", "MIXED"),
            NO_LIST);
    assertThat(departed.holds()).isTrue();
    assertThat(departed.compared()).isEqualTo(1);
    Comparison.Departed at = departed.departed().orElseThrow();
    assertThat(at.rule()).isEqualTo(Rule.D_8);
    assertThat(at.operation().line()).isEqualTo(2);
    assertThat(at.kernel()).isEqualTo("ok mode=WB direct=yes");
    assertThat(departed.parted()).isFalse();
  }

  @Test
  @DisplayName("a departure that agrees and parts is compared, counted, and ends the comparison")
  void agreeingDeparture() {
    Comparison departed =
        compare(MAPPINGS, pairs("ok", "null by D-9! / null", "null / ok", "0x0", "MIXED"), NO_LIST);
    assertThat(departed.holds()).isTrue();
    assertThat(departed.compared()).isEqualTo(2);
    assertThat(departed.departed().orElseThrow().rule()).isEqualTo(Rule.D_9);
  }

  @Test
  @DisplayName("a departure that agrees and does not part is a line like any other")
  void agreeingWithoutParting() {
    Comparison compared =
        compare(MAPPINGS, pairs("ok", "null by D-8 / null", "null / ok", "0x0", "MIXED"), NO_LIST);
    assertThat(compared.departed()).isEmpty();
    assertThat(compared.compared()).isEqualTo(5);
    assertThat(compared.differences()).hasSize(1);
  }

  @Test
  @DisplayName("a departure on a line the kernel cannot do is a line that it cannot do")
  void departureUnsupported() {
    Comparison skipped =
        compare(
            MAPPINGS,
            pairs("ok", "refused by D-5 / unsupported", "null", "0x0", "MIXED"),
            "part/x;3;D-5;null;ok;memremap b 0 4K WC");
    assertThat(skipped.departed()).isEmpty();
    assertThat(skipped.unsupported()).isEqualTo(1);
    assertThat(skipped.differences()).hasSize(1);
  }

  @Test
  @DisplayName("a departure that the list holds is expected")
  void listed() {
    Comparison departed =
        compare(
            MAPPINGS,
            pairs("ok", "null by D-8 / ok mode=WB direct=yes", "null", "0x0", "MIXED"),
            "part/x;2;D-8;null;ok mode=WB direct=yes;memremap a 0 4K WB",
            "part/y;3;D-8;null;ok;memremap a 0 4K WB",
            "x;3;D-8;null;ok;memremap a 0 4K WB");
    assertThat(departed.holds()).isTrue();
    assertThat(departed.departed()).isPresent();
  }

  @Test
  @DisplayName("a departure that the list does not hold is a difference")
  void unlisted() {
    Comparison departed =
        compare(
            MAPPINGS,
            pairs("ok", "null by D-8 / ok mode=WB direct=yes", "null", "0x0", "MIXED"),
            "part/y;2;D-8;null;ok mode=WB direct=yes;memremap a 0 4K WB");
    assertThat(departed.departed()).isPresent();
    assertThat(departed.differences()).singleElement().extracting(Difference::line).isEqualTo(2);
    assertThat(departed.differences().getFirst().toString())
        .contains("D-8: ours null, kernel ok mode=WB direct=yes")
        .contains("because   the reason");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "part/x;2;D-9;null;ok mode=WB direct=yes;another number",
    "part/x;3;D-8;null;ok mode=WB direct=yes;another line",
    "part/x;2;D-8;refused;ok mode=WB direct=yes;another answer of ours",
    "part/x;2;D-8;null;ok mode=UC direct=no;another answer of the kernel's",
    "part/x;2;parted;null;ok mode=WB direct=yes;parted",
  })
  @DisplayName(
      "a departure that the list holds otherwise is a difference, and so is the listed one")
  void listedOtherwise(String row) {
    Comparison departed =
        compare(
            MAPPINGS,
            pairs("ok", "null by D-8 / ok mode=WB direct=yes", "null", "0x0", "MIXED"),
            row);
    assertThat(departed.differences()).hasSize(2);
    assertThat(departed.differences().getLast().ours()).contains("did not come to that");
  }

  @Test
  @DisplayName("a departure in the list that did not happen is a difference")
  void didNotHappen() {
    Comparison compared =
        compare(
            MAPPINGS,
            pairs("ok", "ok mode=WB direct=no", "null", "0x0", "MIXED"),
            "part/x;3;D-8;null;ok;memremap b 0 4K WC");
    assertThat(compared.differences()).singleElement().extracting(Difference::line).isEqualTo(3);
  }

  @Test
  @DisplayName("a parting belongs into the list, too")
  void partedList() {
    String[] pairs = pairs("ok", "ok mode=WB direct=no / unsupported", "null", "0x0", "MIXED");
    String row = "part/x;2;parted;ok mode=WB direct=no;unsupported;memremap a 0 4K WB";
    assertThat(compare(MAPPINGS, pairs, row).holds()).isTrue();
    Comparison unlisted = compare(MAPPINGS, pairs, "part/y;2;parted;ok;unsupported;memremap");
    assertThat(unlisted.differences()).singleElement().extracting(Difference::line).isEqualTo(2);
    assertThat(unlisted.parted()).isTrue();
  }

  @Test
  @DisplayName(
      "where the kernel went on without us, nothing is said about what the list holds after")
  void outOfSight() {
    String[] pairs =
        pairs("ok", "unsupported / ok mode=WB direct=no", "null / ok", "0x1 / 0x2", "MIXED");
    Comparison ended =
        compare(
            MAPPINGS,
            pairs,
            "part/x;2;D-8;null;ok mode=WB direct=no;memremap a 0 4K WB",
            "part/x;3;D-8;null;ok;memremap b 0 4K WC");
    assertThat(ended.holds()).isTrue();
    assertThat(ended.parted()).isTrue();
    assertThat(ended.unsupported()).isEqualTo(1);
    Comparison before =
        compare(
            new String[] {"machine m", "region 0 1", "memremap a 0 4K WB"},
            pairs("ok", "MIXED", "unsupported / ok mode=WB direct=no"),
            "part/x;2;D-8;MIXED;DISJOINT;region 0 1");
    assertThat(before.differences()).singleElement().extracting(Difference::line).isEqualTo(2);
  }

  @Test
  @DisplayName("where we went on without the kernel, what the list holds after did not happen")
  void inSight() {
    Comparison ended =
        compare(
            MAPPINGS,
            pairs("ok", "ok mode=WB direct=no / unsupported", "null / ok", "0x1 / 0x2", "MIXED"),
            "part/x;2;parted;ok mode=WB direct=no;unsupported;memremap a 0 4K WB",
            "part/x;3;D-8;null;ok;memremap b 0 4K WC");
    assertThat(ended.parted()).isTrue();
    assertThat(ended.differences()).singleElement().extracting(Difference::line).isEqualTo(3);
  }

  @Test
  @DisplayName("a line without an answer, and an answer without an operation, are differences")
  void answersOfAnotherText() {
    Scenario scenario = Scenario.parse(FILE, "machine m\n\nregion 0 1\n");
    List<Answer> ours = List.of(Answer.of("ok"), Answer.of("MIXED"));
    Comparison comparison =
        Comparison.of(
            scenario, ours, Kernel.FOLLOWED, Answers.parse(FILE, "1: ok\n2: ok"), Optional.empty());
    assertThat(comparison.differences()).extracting(Difference::line).containsExactly(3, 2);
    assertThatThrownBy(
            () ->
                Comparison.of(
                    scenario,
                    ours.subList(0, 1),
                    Kernel.FOLLOWED,
                    Answers.parse(FILE, "1: ok"),
                    Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  @DisplayName("C-12 a page map that Debian's 5.10 was built without departs by that number")
  void otherKernel() {
    String[] operations = {"machine m", "pgmap p type=PRIVATE range=0+0", "remap-pages p"};
    String[] pairs = pairs("ok", "ok", "ok direct=yes / error EINVAL");
    Comparison old = compare(new Kernel("5.10"), operations, pairs, NO_LIST);
    assertThat(old.departed().orElseThrow().rule()).isEqualTo(Rule.C_12);
    assertThat(old.holds()).isTrue();
    assertThat(compare(operations, pairs, NO_LIST).differences()).hasSize(1);
    String[] other = pairs("ok", "ok", "ok direct=yes / error ENOMEM");
    assertThat(compare(new Kernel("5.10"), operations, other, NO_LIST).differences()).hasSize(1);
    operations[1] = "pgmap p type=GENERIC range=0+0";
    String[] beyond = pairs("ok", "ok", "error EINVAL / error E2BIG");
    assertThat(compare(new Kernel("5.10"), operations, beyond, NO_LIST).differences()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"unmap-pages p dev=d", "device-release d"})
  @DisplayName("D-20 only for a map with a caller's reference 5.10 may be busy where we are not")
  void busyOnOtherKernel(String unmap) {
    Kernel old = new Kernel("5.10");
    String[] pairs = pairs("ok", "ok", "ok", "ok", "ok direct=yes", "ok / busy");
    String[] operations = {
      "machine m",
      "device d",
      "ref r",
      "pgmap p type=GENERIC range=0+0 ref=r",
      "remap-pages p dev=d",
      unmap
    };
    Comparison departs = compare(old, operations, pairs, NO_LIST);
    assertThat(departs.departed().orElseThrow().rule()).isEqualTo(Rule.D_20);
    assertThat(departs.holds()).isTrue();
    operations[3] = "pgmap p type=GENERIC range=0+0";
    assertThat(compare(old, operations, pairs, NO_LIST).differences()).hasSize(1);
  }

  @Test
  @DisplayName("the summary adds up, and has its parenthesis only where something departed")
  void summary() {
    Summary summary = new Summary();
    assertThat(summary)
        .hasToString("0 scenarios, 0 compared, 0 unsupported, 0 departed, 0 parted, 0 differences");
    String[] d8 = pairs("ok", "null by D-8 / ok", "null", "0x0", "MIXED");
    String[] d2 = pairs("ok", "null / unsupported", "null by D-2 / ok", "0x0", "MIXED");
    String[] d14 = pairs("ok", "null", "null by D-14! / null", "0x0", "MIXED");
    String[] parted = pairs("ok", "ok / unsupported", "null", "0x0", "MIXED");
    String[] wrong = pairs("ok", "ok", "null", "0x0 / 0x2", "MIXED");
    for (String[] each : List.of(d14, d8, d2, d8, parted, wrong)) {
      summary.add(compare(MAPPINGS, each, NO_LIST));
    }
    assertThat(summary)
        .hasToString(
            "6 scenarios, 12 compared, 2 unsupported, 4 departed (D-2: 1, D-8: 2, D-14: 1),"
                + " 1 parted, 1 differences");
  }
}
