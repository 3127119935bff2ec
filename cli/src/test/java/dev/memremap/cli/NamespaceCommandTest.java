// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static dev.memremap.cli.CommandRun.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** {@code memremap plan --namespace}, and what {@code -m} means for a plan by size. */
class NamespaceCommandTest {
  private static final String QEMU = "../examples/machines/qemu-2g.iomem";

  /** Of a kernel that says nothing of its architecture. */
  private static final String ANY =
      "00000000-0fffffff : System RAM\n100000000-13fffffff : Persistent Memory\n";

  /** Recorded of ndctl 76.1 and Linux 6.1; RecordedNamespacesTest has all of them. */
  @ParameterizedTest(name = "memremap plan {0}")
  @CsvSource({
    "0x110000000+64M --namespace fsdax, 2097152, 65011712, 0, 510, 0",
    "0x130600000+256M --namespace devdax, 6291456, 262144000, 0, 1534, 512",
    "0x130e00000+512M --namespace fsdax --labels, 10485760, 526385152, 0, 2558, 1536",
    "0x120600000+250M --namespace devdax --region-align 2M, 4194304, 257949696, 0, 1022, 512",
    "0x120000000+65M --namespace fsdax --region-align 1M --align 4K, 2097152, 65011712, 1048576, 510, 0",
  })
  @DisplayName("AM-8 what ndctl left in a guest is planned")
  void recorded(
      String line,
      long dataOffset,
      long bytes,
      long endTrunc,
      long free,
      long alloc,
      @TempDir Path folder)
      throws IOException {
    Path machine =
        Files.writeString(
            folder.resolve("m"), "# arch=x86_64\n100000000-17fffffff : Persistent Memory\n");
    CommandRun planned = run(("plan " + line + " --json -m " + machine).split(" "));
    assertThat(planned.err()).isEmpty();
    assertThat(planned.status()).isZero();
    JsonNode plan = planned.json();
    assertThat(plan.at("/layout/dataOffset").asLong()).isEqualTo(dataOffset);
    assertThat(plan.at("/layout/data/size").asLong()).isEqualTo(bytes);
    assertThat(plan.at("/layout/endTrunc").asLong()).isEqualTo(endTrunc);
    assertThat(plan.at("/layout/altmap/free").asLong()).isEqualTo(free);
    assertThat(plan.at("/layout/altmap/alloc").asLong()).isEqualTo(alloc);
  }

  @ParameterizedTest(name = "memremap plan {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "66M --namespace fsdax | EINVAL: NS-4 | 64M; or 80M; or --region-align 2M",
        "8M --namespace devdax | EINVAL: NS-6 | 16M",
        "64M --namespace fsdax --size 32M | EINVAL: NS-2 | no --size; or --labels",
        "64M --namespace fsdax --labels --size 80M | ENOSPC: NS-2 | --size 64M; or no --size",
        "1G --namespace devdax --align 1G | ENXIO: NS-8 | 2G; or no --align",
        "1G --namespace devdax --align 16K | ENXIO: NS-3 | no --align",
        "0x40100000+64M --namespace fsdax -m QEMU | ENXIO: NS-7 | 0x40000000+64M; or 0x40200000+64M",
      })
  @DisplayName("NS-1 to NS-8 a refusal names what is wrong and what would fit, and that does fit")
  void refused(String line, String why, String fits) {
    CommandRun refused = run(("plan " + line.replace("QEMU", QEMU)).split(" "));
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.lines().getFirst()).startsWith("refused, " + why + ", ");
    assertThat(refused.lines()).contains("what would fit: " + fits);
  }

  @Test
  @DisplayName("C-3 where the machine cannot give the memory a page map, the namespace is refused")
  void inRam() {
    CommandRun refused = run("plan", "0x30000000+64M", "--namespace", "fsdax", "-m", QEMU);
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.lines().getFirst()).startsWith("refused, ENXIO: C-3, it is System RAM");
  }

  @ParameterizedTest(name = "memremap plan {0} --namespace fsdax")
  @CsvSource(
      delimiter = '|',
      value = {
        "0x50000000+64M | is System RAM",
        "0x7f000000+64M | is partly System RAM",
      })
  @DisplayName("C-3 on an architecture without rules System RAM is refused, for the map tells it")
  void inRamElsewhere(String region, String sentence) {
    String arm = "src/test/resources/golden/arm.iomem";
    CommandRun refused = run("plan", region, "--namespace", "fsdax", "-m", arm);
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.lines().getFirst()).startsWith("refused, ENXIO: C-3, ").contains(sentence);
    assertThat(run("plan", "0x90000000+64M", "--namespace", "fsdax", "-m", arm).status()).isZero();
  }

  @ParameterizedTest(name = "memremap plan {0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "1G --namespace sector | 'sector' is not a mode with page structures; write fsdax or devdax",
        "1G --namespace fsdax --map ram | 'ram' is not a place for page structures; write mem or dev",
        "1G --namespace fsdax --type FS_DAX | --type has no effect with --namespace, because ndctl chooses the page map; leave it out",
        "1G --namespace fsdax --altmap | --altmap has no effect with --namespace, because ndctl chooses the page map; leave it out",
        "1G --namespace fsdax --dmesg | --dmesg has no effect with --namespace, because ndctl chooses the page map; leave it out",
        "1G --namespace fsdax --shift 9 | --shift has no effect with --namespace, because ndctl chooses the page map; leave it out",
        "1G --namespace fsdax --reserve 2 | --reserve has no effect with --namespace, because ndctl chooses the page map; leave it out",
        "1G --namespace fsdax --memmap kernel | --memmap has no effect with --namespace, because ndctl chooses the page map; leave it out",
        "1G --type GENERIC --map mem | --map needs --namespace fsdax or devdax",
        "1G --type GENERIC --labels | --labels needs --namespace fsdax or devdax",
        "1G --type GENERIC --size 2M | --size needs --namespace fsdax or devdax",
        "1G --type GENERIC --align 2M | --align needs --namespace fsdax or devdax",
        "1G --type GENERIC --region-align 2M | --region-align needs --namespace fsdax or devdax",
        "1G --namespace fsdax --align 0 | --align 0: write a size, such as 2M",
        "1G | '--type=TYPE' or '--namespace=fsdax|devdax'",
        "0 --namespace fsdax | size",
      })
  @DisplayName("bad input is said in a sentence, with exit status 2")
  void badInput(String line, String sentence) {
    CommandRun refused = run(("plan " + line).split(" "));
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains(sentence);
    assertThat(refused.out()).isEmpty();
  }

  @ParameterizedTest(name = "memremap plan {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "4G --namespace fsdax | 4096",
        "4G --namespace fsdax --kernel-page 64K | 65536",
        "4G --namespace fsdax --set arch=arm64 --set pages=16K | 16384",
        "4G --namespace fsdax -m src/test/resources/golden/arm.iomem --kernel-page 16K | 16384",
      })
  @DisplayName("AM-8 a namespace by size counts in the pages of the machine or of --kernel-page")
  void pages(String line, int pageBytes) {
    JsonNode plan = run(("plan " + line + " --json").split(" ")).json();
    assertThat(plan.get("pageSize").asInt()).isEqualTo(pageBytes);
    assertThat(plan.at("/layout/dataPages").asLong() * pageBytes)
        .isEqualTo(plan.at("/layout/data/size").asLong());
    assertThat(plan.get("measured").asBoolean()).isEqualTo(pageBytes == 4096);
  }

  @ParameterizedTest(name = "memremap plan {0}")
  @CsvSource({"1G --type GENERIC", "1G --namespace devdax"})
  @DisplayName("C-19 a plan by size says that the architecture of the machine's file is assumed")
  void assumedArchitecture(String line, @TempDir Path folder) throws IOException {
    Path machine = Files.writeString(folder.resolve("m"), ANY);
    String assumed = "assumed: no name in the map tells the architecture, so x86_64";
    CommandRun planned = run(("plan " + line + " -m " + machine).split(" "));
    assertThat(planned.lines().getFirst()).startsWith(assumed);
    JsonNode json = run(("plan " + line + " --json -m " + machine).split(" ")).json();
    assertThat(json.get("assumptions")).hasSize(1);
    for (String told :
        new String[] {"", " --set arch=x86_64", " --set arch=x86_64 -m " + machine}) {
      assertThat(run(("plan " + line + told).split(" ")).out()).doesNotContain("assumed");
    }
  }
}
