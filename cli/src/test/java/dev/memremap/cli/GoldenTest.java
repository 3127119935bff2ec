// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static dev.memremap.cli.CommandRun.run;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whole documents of the command, compared with kept ones. Their inputs are made so that no two
 * fields of a document have the same value: a field that says another's is seen.
 */
class GoldenTest {

  @ParameterizedTest(name = "{0}: memremap {2}")
  @CsvSource({
    "iomem.txt, 0, iomem -m @server.iomem",
    "iomem.json, 0, iomem -m @server.iomem --json",
    "iomem-arm.txt, 0, iomem -m @arm.iomem",
    "iomem-arm.json, 0, iomem -m @arm.iomem --json",
    "iomem-diff.txt, 1, iomem --diff @server.iomem @changed.iomem",
    "iomem-diff.json, 1, iomem --diff @server.iomem @changed.iomem --json",
    "iomem-bytes.txt, 0, iomem --bytes -m @server.iomem",
    "iomem-columns.txt, 0, 'iomem -o start,end,size,depth,busy,kind,name,meaning -m @server.iomem'",
    "iomem-kind.txt, 0, 'iomem --kind system-ram,persistent_memory -m @server.iomem'",
    "iomem-at.txt, 0, iomem --at 0xd0000800+4K -m @server.iomem",
    "iomem-at.json, 0, iomem --at 0xd0000800 -m @server.iomem --json",
    "iomem-summary.txt, 0, iomem --summary -m @server.iomem",
    "iomem-summary.json, 0, iomem --summary -m @server.iomem --json",
    "what.txt, 0, what 0xd0000800 -m @server.iomem",
    "what.json, 0, what 0xd0000800 -m @server.iomem --json",
    "what-busy.txt, 0, what 0xe0000000+4K -m @busy.iomem",
    "what-hole.txt, 1, what 0xd0000000+4K -m @plain.iomem",
    "pages.txt, 0, pages @pages.scenario",
    "pages.json, 0, pages @pages.scenario --json",
    "pages-compact.txt, 0, pages @pages-compact.scenario",
    "pages-compact.json, 0, pages @pages-compact.scenario --json",
    "candidates.txt, 0, pages -m @server.iomem",
    "candidates.json, 0, pages -m @server.iomem --json",
    "plan-size.txt, 0, plan 3T --type COHERENT --kernel-page 64K",
    "plan-size.json, 0, plan 3T --type COHERENT --kernel-page 64K --json",
    "plan-altmap.txt, 0, plan 0x40000000+384M --type FS_DAX --altmap --reserve 7 --shift 3 --memmap"
        + " kernel --kernel-page 64K -m @plain.iomem",
    "plan-altmap.json, 0, plan 0x40000000+384M --type FS_DAX --altmap --reserve 7 --shift 3"
        + " --memmap kernel --kernel-page 64K -m @plain.iomem --json",
    "plan-compact.json, 0, plan 0x40000000+384M --type GENERIC --altmap --reserve 5 --shift 1"
        + " --memmap compact -m @plain.iomem --json",
    "plan-huge.txt, 0, plan 0x40000000+192M --type FS_DAX --altmap --reserve 1024 --shift 9"
        + " --memmap compact -m @plain.iomem",
    "plan-huge.json, 0, plan 0x40000000+192M --type FS_DAX --altmap --reserve 1024 --shift 9"
        + " --memmap compact -m @plain.iomem --json",
    "plan-shared.json, 0, plan 0x40000000+192M --type FS_DAX --shift 10 --memmap compact -m"
        + " @plain.iomem --json",
    "plan-refused.txt, 1, plan 0x3ff00000+16M --type GENERIC -m @plain.iomem",
    "plan-refused.json, 1, plan 0x3ff00000+16M --type GENERIC -m @plain.iomem --json",
    "plan-refused-size.txt, 1, plan 5M --type GENERIC",
    "plan-departs.json, 1, plan 0x40000000+4M --type GENERIC --shift 12 -m @plain.iomem --json",
    "plan-namespace.txt, 0, plan 0x40600000+1G --namespace devdax -m @plain.iomem",
    "plan-namespace.json, 0, plan 0x40600000+1G --namespace devdax -m @plain.iomem --json",
    "plan-namespace-size.txt, 0, plan 2113M --namespace fsdax --labels --size 193M --align 4K --region-align 1M --kernel-page 4K",
    "plan-namespace-size.json, 0, plan 2113M --namespace fsdax --labels --size 193M --align 4K --region-align 1M --kernel-page 4K --json",
    "plan-namespace-mem.json, 0, plan 3G --namespace devdax --map mem --kernel-page 64K --json",
    "plan-namespace-refused.txt, 1, plan 0x40700000+66M --namespace devdax -m @plain.iomem",
    "plan-namespace-refused.json, 1, plan 0x40700000+66M --namespace devdax -m @plain.iomem --json",
    "plan-namespace-ram.json, 1, plan 0x3f000000+64M --namespace fsdax -m @plain.iomem --json",
    "explain-new.txt, 0, explain 0xd0000800 4K WB|WC -m @server.iomem",
    "explain-new.json, 0, explain 0xd0000800 4K WB|WC -m @server.iomem --json",
    "explain-weaker.json, 0, explain 0x9ff00000 0x123 WB|WT -m @server.iomem --json",
    "explain-direct.txt, 0, explain 0x10000000 8K WB|WC -m @plain.iomem",
    "explain-direct.json, 0, explain 0x10000000 8K WB|WC -m @plain.iomem --json",
    "explain-encrypted.json, 0, explain 0x50000000 4K WB -m @server.iomem --json",
    "explain-mixed.txt, 1, explain 0x3ffff000 12K WB|WT -m @plain.iomem",
    "explain-mixed.json, 1, explain 0x3ffff000 12K WB|WT -m @plain.iomem --json",
    "explain-departs.txt, 1, explain 0xbf0 0x420 WB|ENC -m @plain.iomem",
    "explain-departs.json, 1, explain 0xbf0 0x420 WB|ENC -m @plain.iomem --json",
    "explain-registers.txt, 0, explain 0xd0000800 4K UC- -m @server.iomem",
    "explain-registers.json, 1, explain 0x3ffff000 12K UC -m @plain.iomem --json",
    "explain-hole.txt, 0, explain 0xd0000000+4K WC -m @plain.iomem",
    "explain-busy.json, 1, explain 0xe0000000 4K WC|WT|DEC -m @busy.iomem --json",
    "explain-dmesg.txt, 1, explain 0x3ffff000 12K WB|WT --dmesg -m @plain.iomem",
    "explain-dmesg.json, 1, explain --dmesg 0x3ffff000 12K WB|WT -m @plain.iomem --json",
    "explain-dmesg-kernels.txt, 1, 'explain 0xcffff000 8K WC -m @server.iomem --dmesg --kernel 5.10,7.2,7.3'",
    "explain-dmesg-kernels.json, 1, 'explain 0xcffff000 8K UC- -m @server.iomem --dmesg --kernel 7.2,7.3 --json'",
    "plan-dmesg.txt, 1, plan 0x40000000+1M --type GENERIC --dmesg -m @plain.iomem",
    "plan-dmesg.json, 1, plan 0x40000000+1M --type GENERIC --dmesg --kernel 7.3 -m @plain.iomem --json",
    "explain-kernels.txt, 1, 'explain 0x40000800 4K WC|WB -m @window.iomem --kernel 5.10,6.1,7.3'",
    "explain-kernels.json, 1, 'explain 0x40000800 4K WC|WB -m @window.iomem --kernel 5.10,6.1,7.3 --json'",
    "explain-kernels-agree.txt, 0, 'explain 0x60000000 4K WC -m @window.iomem --kernel 5.10,7.3'",
    "explain-kernels-agree.json, 0, 'explain 0x60000000 4K UC- -m @window.iomem --kernel 5.10,7.3 --json'",
    "read.txt, 0, read 0x50000040 -w 32 -m @plain.iomem",
    "read-dump.txt, 0, read 0x50000048 -n 5 -w 64 -m @plain.iomem",
    "read.json, 0, read 0x40000048 -n 3 -w 16 --mode WC -m @plain.iomem --json",
    "read-direct.json, 0, read 0x10000048 -n 2 -w 8 -m @plain.iomem --json",
    "write.txt, 0, write 0x50000040 7 8 9 -w 16 --persist -m @plain.iomem",
    "write-verify.txt, 0, write 0x50000040 7 8 9 -w 16 --verify -m @plain.iomem",
    "write-verify.json, 0, write 0x50000040 7 8 9 -w 16 --verify --persist -m @plain.iomem --json",
    "run.txt, 0, run @few.scenario",
    "run-explain.txt, 0, run --explain @few.scenario",
    "run-check.txt, 1, run --check @few.scenario",
  })
  @DisplayName("what a command prints is the document that is kept, all of it")
  void documents(String name, int status, String line) {
    CommandRun run = run(Golden.words(line));
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isEqualTo(status);
    if (name.endsWith(".json")) {
      Schemas.check(run.out());
    }
    Golden.check(name, run.out().replace(System.lineSeparator(), "\n"));
  }

  @Test
  @DisplayName("a dump shows words of each width as numbers, and bytes as text")
  void dump() {
    byte[] bytes = new byte[40];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (0x15 + 7 * i);
    }
    StringBuilder text = new StringBuilder();
    for (int width : new int[] {1, 2, 4, 8}) {
      HexDump.lines(0x123456780L, bytes, width).forEach(line -> text.append(line).append('\n'));
      text.append('\n');
    }
    Golden.check("dump.txt", text.toString());
  }
}
