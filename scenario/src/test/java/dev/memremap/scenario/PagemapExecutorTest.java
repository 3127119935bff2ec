// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.page.Page;
import dev.memremap.rule.Rule;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of page maps and references that hold while a scenario runs. */
class PagemapExecutorTest extends OnSmallMachine {
  @Test
  @DisplayName(
      "W-8, C-2 a map with the caller's reference drains until page, lookup and hint are put")
  void callersReference() {
    assertThat(
            texts(
                "ref r",
                "pgmap p type=GENERIC range=0x40000000+2M ref=r",
                "pgmap q type=GENERIC range=0x40000000+2M",
                "remap-pages p",
                "lookup a 0x40000",
                "lookup b 0x40001",
                "page-get 0x40002",
                "ref-kill r",
                "lookup c 0x40000",
                "lookup d 0x40003 hint=a",
                "unmap-pages p",
                "unmap-pages p",
                "remap-pages p",
                "remap-pages q",
                "page 0x40002",
                "put b",
                "put d",
                "put d",
                "ref-state r",
                "page-put 0x40002",
                "ref-state r",
                "page 0x40002",
                "ref-exit r",
                "remap-pages q"))
        .containsExactly(
            "ok",
            "ok",
            "ok",
            "ok direct=yes",
            "pgmap=p",
            "pgmap=p",
            "ok",
            "ok",
            "none",
            "pgmap=p",
            "ok",
            "refused",
            "refused",
            "error EEXIST",
            "zone=device pgmap=p ref=2",
            "ok",
            "ok",
            "not-live",
            "dying=yes zero=no",
            "ok",
            "dying=yes zero=yes",
            "none",
            "ok",
            "ok direct=yes");
  }

  @Test
  @DisplayName("D-12 a kernel's page frame number has bit 51, but no higher bit")
  void upperBitsOfAPfn() {
    List<Answer> answers =
        run(
            "pgmap p type=GENERIC range=0x40000000+2M",
            "remap-pages p",
            "lookup a 0x8000000040000",
            "lookup b 0x10000000040000",
            "lookup c 0x8000000000040000",
            "lookup d 0x10000000040200",
            "lookup e 0x40000");
    assertThat(answers.subList(2, 7))
        .extracting(Answer::text)
        .containsExactly("none", "none", "none", "none", "pgmap=p");
    assertThat(answers.subList(2, 7))
        .extracting(answer -> answer.departure().orElse(null))
        .containsExactly(null, Rule.D_12, Rule.D_12, null, null);
  }

  private static final String[] DEAD_HINTS = {
    "ref r",
    "pgmap p type=GENERIC range=0x40000000+2M,0x40400000+2M ref=r",
    "remap-pages p",
    "lookup a 0x40000",
    "lookup b 0x40400 hint=a",
    "ref-kill r",
    "lookup c 0x401ff hint=b",
    "lookup d 0x40400 hint=c",
    "lookup e 0x405ff hint=d"
  };

  @ParameterizedTest
  @CsvSource({"6.1, , D_3, D_3", "6.14, , D_3, D_3", "6.18, D_19, D_19, D_19"})
  @DisplayName(
      "D-3, D-19 a dead map's hint departs for its second range, and for all without hints")
  void hintOfTwoRanges(
      String kernel, @Nullable Rule first, @Nullable Rule second, @Nullable Rule third) {
    List<Answer> answers = runOn("m.iomem kernel=" + kernel, DEAD_HINTS);
    assertThat(answers.subList(3, 9))
        .filteredOn(answer -> !answer.text().equals("ok"))
        .extracting(Answer::text)
        .containsOnly("pgmap=p");
    assertThat(answers)
        .extracting(answer -> answer.departure().orElse(null))
        .containsExactly(null, null, null, null, null, null, first, second, third);
  }

  @Test
  @DisplayName("D-18 a reference that left per-CPU mode again exits as in a kernel")
  void exitAfterPercpuMode() {
    List<Answer> answers =
        run(
            "ref r reinit",
            "ref-to-atomic r",
            "ref-put r",
            "ref-to-percpu r",
            "ref-get r",
            "ref-to-atomic r",
            "ref-exit r",
            "ref-state r");
    assertThat(answers).extracting(Answer::departure).containsOnly(Optional.empty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"64", "0x100000000", "0x100000009", "0xffffffffffffffff"})
  @DisplayName("CG-1 a shift beyond an int's bits is refused, and never cut to a small one")
  void largeShift(String shift) {
    assertThat(texts("pgmap p type=GENERIC range=0x40000000+2M shift=" + shift, "remap-pages p"))
        .containsExactly("ok", "error EINVAL");
  }

  @Test
  @DisplayName("a put through a tail page gives back what a get through it took, at the end, too")
  void compoundPages() {
    Scenario scenario =
        scenario(
            "machine m.iomem",
            "pgmap p type=GENERIC range=0x40000000+4M shift=9",
            "remap-pages p",
            "page-get 0x40001",
            "page-get 0x40002",
            "page-put 0x40003",
            "page-put 0x40000");
    MachineExecutor executor = MachineExecutor.open(scenario);
    for (Operation operation : scenario.operations()) {
      assertThat(executor.execute(operation).text()).startsWith("ok");
    }
    Page head = Objects.requireNonNull(executor.machine().page(0x40000));
    assertThat(head.refCount()).isEqualTo(1);
    executor.close();
    assertThat(head.refCount()).isEqualTo(1);
  }

  @Test
  @DisplayName("a page is handed out and taken back, and broken memory is told to whom it concerns")
  void handOut() {
    assertThat(
            texts(
                "pgmap p type=PRIVATE range=0x40000000+2M ops=page_free,migrate_to_ram owner=o",
                "remap-pages p",
                "page-init 0x40000",
                "page 0x40000",
                "page-init 0x40000",
                "unmap-pages p",
                "page-put 0x40000",
                "page 0x40000",
                "page-init 0x40200",
                "page-init 0x40008 3",
                "memory-failure 0x80000",
                "free-region 0+1T 2M",
                "free-region 0+2M 2M",
                "free-region 0+0 2M"))
        .containsExactly(
            "ok",
            "ok direct=yes",
            "ok",
            "zone=device pgmap=p ref=1",
            "refused",
            "busy",
            "ok",
            "zone=device pgmap=p ref=0",
            "refused",
            "refused",
            "error ENXIO",
            "ok start=0xfff8000000 size=0x8000000",
            "refused",
            "refused");
  }

  @Test
  @DisplayName("MF-3 no verb gives a page a mapping, so broken memory of a live map is EBUSY")
  void memoryFailure() {
    assertThat(
            texts(
                "pgmap p type=GENERIC range=0x40000000+2M",
                "remap-pages p",
                "memory-failure 0x40001",
                "memory-failure 0x40200"))
        .containsExactly("ok", "ok direct=yes", "error EBUSY", "error ENXIO");
  }
}
