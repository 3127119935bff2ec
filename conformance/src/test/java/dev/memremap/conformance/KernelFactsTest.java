// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.scenario.Answers;
import dev.memremap.scenario.Operation;
import dev.memremap.scenario.Scenario;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What running kernels say where they differ from each other, so that the judge can be asked it.
 */
@Tag("guest")
class KernelFactsTest {
  /** Before the colon the operation; behind it the answers of 6.1, and of 7.3 if it differs. */
  private static final List<String> FACTS =
      List.of(
          // a fresh page's count, and what becomes of it after the last put
          "pgmap f type=FS_DAX range=0x40000000+2M : ok",
          "remap-pages f : ok direct=yes",
          "page 0x40000 : zone=device pgmap=f ref=1 | zone=device pgmap=f ref=0",
          "pgmap p type=PCI_P2PDMA range=0x40200000+2M ops=page_free : ok",
          "remap-pages p : ok direct=yes",
          "page 0x40200 : zone=device pgmap=p ref=1 | zone=device pgmap=p ref=0",
          "pgmap g type=GENERIC range=0x40400000+2M : ok",
          "remap-pages g : ok direct=yes",
          "page-put 0x40400 : ok",
          "page 0x40400 : zone=device pgmap=g ref=0 | zone=device pgmap=g ref=1",
          // a hand-out by itself, and one with an order, whose tails have no count of their own
          "pgmap c type=COHERENT range=0x40600000+4M ops=page_free owner=drv : ok",
          "remap-pages c : ok direct=yes",
          "page-init 0x40600 : ok",
          "page-init 0x40600 : unsupported",
          "page-put 0x40600 : ok",
          "page 0x40600 : zone=device pgmap=c ref=0",
          "page-init 0x40610 4 : unsupported | ok",
          "page-init 0x40641 1 : unsupported",
          "page-get 0x4061f : unsupported | ok",
          "page 0x40610 : zone=device pgmap=c ref=0 | zone=device pgmap=c ref=2",
          "page 0x4061f : zone=device pgmap=c ref=0",
          "unmap-pages c : ok | busy",
          "page-put 0x40610 : unsupported | ok",
          "page-put 0x40611 : unsupported | ok",
          "page-init 0x40612 1 : unsupported | ok",
          "page-put 0x40613 : unsupported | ok",
          "unmap-pages c : unsupported | ok",
          // broken memory that no mapping covers, and that no map covers
          "memory-failure 0x40000 : error EBUSY",
          "memory-failure 0x40400 : error EBUSY",
          "memory-failure 0x5000000 : error ENXIO | error EBUSY",
          // a page map of compound pages that no page allocator has
          "pgmap h type=GENERIC range=0x5000000000+1G shift=18 : ok",
          "remap-pages h : ok direct=yes",
          "pgmap i type=GENERIC range=0x6000000000+16M shift=23 : ok",
          "remap-pages i : unsupported | error EINVAL",
          // free regions, from the top and from the bottom
          "free-region 0+0x10000000000 128M : ok start=0xfcf8000000 size=0x8000000",
          "free-region 0+0x10000000000 1M : ok start=0xfcf0000000 size=0x8000000",
          "free-region 0x40000000+256M 64M align=32M : ok start=0x40000000 size=0x4000000",
          "free-region 0x40000000+256M 64M align=128M : ok start=0x48000000 size=0x8000000",
          "free-region 0x40000000+256M 128M align=1M : error ERANGE",
          "device d : ok",
          "free-region 0+0x10000000000 1M dev=d : ok start=0xfce8000000 size=0x8000000",
          "device-release d : ok",
          "free-region 0+0x10000000000 1M : ok start=0xfce8000000 size=0x8000000",
          // a step is as large as what is asked for, or as its alignment
          "free-region 0+0x10000000000 256M : ok start=0xfcd0000000 size=0x10000000"
              + " | ok start=0xfcd8000000 size=0x10000000",
          // an older search upwards ends where the first place lies below what is asked for
          "free-region 0x100000+0x3ff00000 4M align=2M : error ERANGE"
              + " | ok start=0x200000 size=0x400000");

  /** Only kernels that are built with device memory of one's own are asked this. */
  private static final List<String> PRIVATE_FACTS =
      List.of(
          "pgmap p type=PRIVATE range=0x4000000000+4M ops=page_free,migrate_to_ram owner=drv : ok",
          "remap-pages p : ok direct=yes",
          "page 0x4000000 : zone=device pgmap=p ref=0",
          "page-init 0x4000000 9 : ok",
          "page 0x40001ff : zone=device pgmap=p ref=0",
          "page 0x4000000 : zone=device pgmap=p ref=1",
          "unmap-pages p : busy",
          "memory-failure 0x4000000 : error EBUSY",
          "page-put 0x4000001 : ok",
          "unmap-pages p : ok");

  @TempDir private Path folder;

  @BeforeAll
  static void possible() {
    Guests.assumePossible();
    Guests.assumeNothingMissing(KernelExecutor.whatIsMissing());
  }

  @ParameterizedTest
  @ValueSource(strings = {"6.1", "7.3"})
  @DisplayName("K-1, K-4 a kernel says what its rows in the list of kernels say")
  void facts(String series) throws Exception {
    GuestKernel kernel = Guests.fetched(series);
    try (KernelExecutor judge = KernelExecutor.of(kernel)) {
      boolean isNewer = judge.kernel().isAtLeast(7, 0);
      assertThat(asked(judge, FACTS)).containsExactlyElementsOf(expected(FACTS, isNewer));
      if (kernel.isConfigured("DEVICE_PRIVATE")) {
        assertThat(asked(judge, PRIVATE_FACTS))
            .containsExactlyElementsOf(expected(PRIVATE_FACTS, isNewer));
      }
      assertThat(isNewer).isEqualTo(kernel.isConfigured("DEVICE_PRIVATE"));
    }
  }

  /** Each operation with its answer. */
  private List<String> asked(KernelExecutor judge, List<String> facts) throws Exception {
    // it leaves its machine file there
    JudgeMachine.QEMU_2G.terrain(folder, judge.kernel());
    StringBuilder text = new StringBuilder("machine qemu-2g.iomem\n");
    facts.forEach(fact -> text.append(operation(fact)).append('\n'));
    Scenario scenario = Scenario.parse(folder.resolve("facts.scenario"), text.toString());
    Answers answers = judge.answer(scenario);
    List<String> asked = new ArrayList<>();
    for (Operation operation : scenario.operations().subList(1, scenario.operations().size())) {
      String answer = answers.at(operation.line()).orElseThrow();
      asked.add(scenario.textOf(operation) + " : " + answer);
    }
    return asked;
  }

  private static List<String> expected(List<String> facts, boolean isNewer) {
    return facts.stream()
        .map(
            fact -> {
              String[] answers = fact.substring(fact.indexOf(" : ") + 3).split(" \\| ", -1);
              return operation(fact) + " : " + answers[isNewer ? answers.length - 1 : 0];
            })
        .toList();
  }

  private static String operation(String fact) {
    return fact.substring(0, fact.indexOf(" : "));
  }
}
