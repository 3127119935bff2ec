// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a running kernel logs of a call, line by line, beside what {@code Plan.kernelLog} says. The
 * calls follow each other on one machine, so a line that a kernel logs once a boot must not come
 * again.
 */
@Isolated // its guests take both processors
class KernelLogTest {
  /** What the calls are about; those that only prepare another begin with a blank. */
  private static final List<String> CALLS =
      List.of(
          // MR-3 and MR-5: each once a boot
          "memremap a1 0x3ffff000 8K WB",
          "memremap a2 0x3ffff000 8K WB",
          "memremap a3 0x60000000 4K WC",
          "memremap a4 0x60001000 4K WT",
          "memremap a5 0x60000000 4K WB",
          "memremap a6 0x4ffff800 4K WC",
          // MT-8: an alias that would be weaker
          "memremap b1 0x40000000 4K WB",
          "memremap b2 0x40000000 4K WC",
          "memremap b3 0x40000000 4K WT|WC",
          "memremap b4 0x40000010 100 WC",
          "memremap b5 0x3fffff000 4K WC",
          "ioremap b6 0x40000000 4K UC-",
          "ioremap b7 0x40000010 5000 UC-",
          "ioremap b8 0x40000000 4K UC",
          " end",
          "memremap c1 0x40000000 4K WC",
          "memremap c2 0x40000000 4K WT",
          "memremap c3 0x40000000 8K WT|WC",
          "memremap c4 0x40000000 4K WB",
          "ioremap c5 0x40000000 4K UC-",
          " end",
          // MT-5: two types in one range
          "memremap d1 0x41000000 4K WT",
          "memremap d2 0x41001000 4K WC",
          "memremap d3 0x41000000 8K WB",
          "memremap d4 0x41000000 8K WB|WT|WC",
          "memremap d5 0x40fff000 16K WC",
          "ioremap d6 0x41000000 8K UC-",
          "ioremap d7 0x90000000 4K UC-",
          "memremap d8 0x90001000 4K WC",
          "memremap d9 0x90000000 8K WB",
          " end",
          // IO-1: beyond the addresses, and System RAM
          "ioremap e1 0x10000000000 4K UC-",
          "ioremap e2 0x10000000123 16 UC-",
          "memremap e3 0x10000000000 4K WB|WT|WC",
          "ioremap e4 0x60000800 8K UC-",
          "ioremap e5 0x60000000 4K UC-",
          // IO-1, MT-3 and MT-4: no whole page of System RAM is among the bytes
          "ioremap e6 0x60002800 4K UC-",
          "ioremap e7 0x60002800 4K UC-",
          "ioremap e8 0x60003ffc 4 UC-",
          "ioremap e9 0x60004800 4K UC",
          "ioremap e10 0x60006800 4K UC",
          "ioremap e11 0x60008801 8190 UC-",
          "ioremap e12 0x6000c000 4095 UC-",
          "ioremap e13 0x6000e001 4095 UC-",
          "ioremap e14 0x5dffff00 512 UC-",
          "ioremap e15 0x5effff00 512 UC-",
          " end",
          // RES-12: beyond a resource that no driver has requested
          "memremap f1 0xfd000000 32M WC",
          "ioremap f2 0xfd000000 32M UC-",
          "ioremap f3 0xfeb00000 8K UC-",
          "ioremap f4 0xfeb00000 4K UC-",
          "ioremap f5 0xfcfff000 8K UC-",
          "memremap f6 0xfecff000 8K WC",
          "memremap f7 0xfcfff800 4K WC",
          "ioremap f8 0xfffff000 8K UC-",
          "ioremap f9 0x17ffff000 8K UC-",
          "memremap f10 0xfffffff000 8K WC",
          " end",
          // page maps
          " pgmap g type=GENERIC range=0x40000000+2M",
          "remap-pages g",
          " pgmap h type=GENERIC range=0x40000000+2M",
          "remap-pages h",
          " pgmap i type=GENERIC range=0x3fe00000+2M",
          "remap-pages i",
          "remap-pages i",
          " pgmap j type=GENERIC range=0x40600000+2M altmap=0,1024",
          "remap-pages j",
          "remap-pages j",
          " pgmap k type=GENERIC range=0x40200000+1M",
          "remap-pages k",
          "remap-pages k",
          " pgmap l type=COHERENT range=0x4000000000+2M ops=migrate_to_ram",
          "remap-pages l",
          " pgmap m type=COHERENT range=0x4000000000+2M ops=page_free",
          "remap-pages m",
          " pgmap n type=0 range=0x40400000+2M",
          "remap-pages n",
          " unmap-pages n",
          " pgmap o type=GENERIC range=0x40600000+2M,0x40800000+2M altmap=0,64",
          "remap-pages o",
          "remap-pages o",
          " pgmap p type=GENERIC range=0x800000000000+2M",
          "remap-pages p",
          " pgmap q type=PCI_P2PDMA range=0x42000000+2M",
          "memremap q1 0x42000000 4K WB",
          "remap-pages q",
          "memremap r1 0x43000000 4K WC",
          "memremap r2 0x43001000 4K WT",
          " pgmap r type=GENERIC range=0x43000000+2M",
          "remap-pages r",
          " pgmap s type=GENERIC range=0x48000000+128M altmap=0,64",
          "remap-pages s");

  /** What 6.1 is built without, or does not check. */
  private static final List<String> ONLY_NEWER =
      List.of(
          " pgmap t type=PRIVATE range=0x4000000000+2M",
          "remap-pages t",
          " pgmap u type=PRIVATE range=0x4000000000+2M ops=migrate_to_ram",
          "remap-pages u",
          " pgmap v type=GENERIC range=0x40600000+16M shift=23",
          "remap-pages v",
          "remap-pages v");

  /**
   * The row of {@code docs/kernels.md} that came into 6.1 between 6.1.177 and 6.1.190, either of
   * which Debian's lists can have: a kernel without it prints a line for each page map that is
   * made.
   */
  private static final int SILENT_INITIALISATION = 28;

  private static final String INITIALISATION = "memmap_init_zone_device initialised";

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"6.1", "7.3"})
  @Tag("guest")
  @DisplayName("C-12 a kernel logs of 50 calls and more what their plans say, each line once told")
  void asPlanned(String series) throws Exception {
    GuestKernel kernel = possible(series);
    List<String> lines = new ArrayList<>(CALLS);
    if (kernel.isAtLeast(7, 0)) {
      lines.addAll(ONLY_NEWER);
    }
    List<LoggedCall> logged = logged(kernel, lines);
    assertThat(logged).extracting(LoggedCall::answer).doesNotContain("unsupported");
    assertThat(lines.stream().filter(line -> !line.startsWith(" ")))
        .hasSizeGreaterThanOrEqualTo(50);
    List<LoggedCall> planned = planned(kernel, lines, logged);
    assertThat(words(logged)).containsExactlyElementsOf(words(planned));
    assertThat(ofRegisters(logged)).containsExactlyElementsOf(ofRegisters(planned));
  }

  @ParameterizedTest
  @ValueSource(strings = {"5.10", "6.12"})
  @Tag("guest")
  @EnabledIfEnvironmentVariable(named = "MEMREMAP_OTHER_KERNELS", matches = ".+")
  @DisplayName("C-12 other kernels log what their plans say, of the calls that they can be asked")
  void otherKernels(String series) throws Exception {
    GuestKernel kernel = possible(series);
    List<LoggedCall> logged = logged(kernel, CALLS);
    List<LoggedCall> planned = planned(kernel, CALLS, logged);
    List<Integer> asked =
        IntStream.range(0, logged.size())
            .filter(i -> !logged.get(i).answer().equals("unsupported"))
            .boxed()
            .toList();
    assertThat(asked).hasSizeGreaterThan(50);
    assertThat(words(asked.stream().map(logged::get).toList()))
        .containsExactlyElementsOf(words(asked.stream().map(planned::get).toList()));
    assertThat(ofRegisters(logged)).containsExactlyElementsOf(ofRegisters(planned));
  }

  private static GuestKernel possible(String series) throws InterruptedException {
    Guests.assumePossible();
    Guests.assumeNothingMissing(KernelExecutor.whatIsMissing());
    return Guests.fetched(series);
  }

  private List<LoggedCall> logged(GuestKernel kernel, List<String> lines) throws Exception {
    return LoggedCall.carriedOut(
        kernel, JudgeMachine.QEMU_2G, lines.stream().map(String::strip).toList(), folder);
  }

  /** What is planned for the kernel that logged this. */
  private static List<LoggedCall> planned(
      GuestKernel kernel, List<String> lines, List<LoggedCall> logged) {
    boolean isOld61 =
        kernel.series().equals("6.1")
            && logged.stream()
                .flatMap(call -> call.log().stream())
                .anyMatch(line -> line.text().startsWith(INITIALISATION));
    return new PlannedCalls(JudgeMachine.QEMU_2G, kernel, isOld61 ? SILENT_INITIALISATION : 0)
        .of(lines);
  }

  /** What was answered to each {@code ioremap}, which no scenario asks. */
  private static List<String> ofRegisters(List<LoggedCall> calls) {
    return calls.stream()
        .filter(call -> call.call().startsWith("ioremap "))
        .map(call -> call.call() + " : " + call.answer())
        .toList();
  }

  /** Each call and each line by itself, so that a difference names the line. */
  private static List<String> words(List<LoggedCall> calls) {
    List<String> words = new ArrayList<>();
    for (LoggedCall call : calls) {
      words.add(call.call() + " :");
      for (LoggedCall.Line line : call.log()) {
        words.add(
            "  "
                + line.text()
                + (line.stackDumpOf().isEmpty() ? "" : " [dump of " + line.stackDumpOf() + "]"));
      }
    }
    return words;
  }

  @Test
  @DisplayName("a guest's log is read: warnings with their dumps, and what only that run decides")
  void read() {
    String output =
        """
        call memremap a 0x0 8K WB : null
        [    5.2] ------------[ cut here ]------------
        [    5.2] memremap attempted on mixed range 0x0 size: 0x2000
        [    5.2] WARNING: CPU: 0 PID: 116 at kernel/iomem.c:81 memremap+0x1c3/0x210
        [    5.2] Modules linked in: overlay
        [    5.2] RIP: 0010:memremap+0x1e3/0x200
        [    5.3] ---[ end trace 0000000000000000 ]---
        call ioremap b 0x10000000000 4K UC- : null
        [    5.4] ioremap: invalid physical address 10000000000
        [    5.4] ------------[ cut here ]------------
        [    5.4] WARNING: arch/x86/mm/ioremap.c:206 at __ioremap_caller.cold+0x24/0x85, CPU#0: sh/12
        [    5.4] ---[ end trace 0000000000000000 ]---
        call memremap c 0xfd000000 32M WC : ok
        [   15.4] resource: resource sanity check: requesting [mem 0x1-0x2], which spans more than PCI Bus 0000:00 [mem 0x80000000-0xfebfffff window]
        [   15.4] caller memremap+0xa5/0x200 mapping multiple BARs
        [   15.4] caller map_registers+0x200/0x230 [memremap_judge] mapping multiple BARs
        [   15.4] x86/PAT: busybox:116 conflicting memory types 1-2 write-through<->write-combining
        all calls were carried out
        """;
    assertThat(words(LoggedCall.parse(output)))
        .containsExactly(
            "memremap a 0x0 8K WB :",
            "  memremap attempted on mixed range 0x0 size: 0x2000 [dump of memremap]",
            "ioremap b 0x10000000000 4K UC- :",
            "  ioremap: invalid physical address 10000000000",
            "   [dump of __ioremap_caller]",
            "memremap c 0xfd000000 32M WC :",
            "  resource: resource sanity check: requesting [mem 0x1-0x2], which spans more than PCI Bus"
                + " 0000:00 [mem 0x80000000-0xfebfffff]",
            "  caller memremap+OFFSET/SIZE mapping multiple BARs",
            "  caller CALLER mapping multiple BARs",
            "  x86/PAT: COMM:PID conflicting memory types 1-2 write-through<->write-combining");
  }
}
