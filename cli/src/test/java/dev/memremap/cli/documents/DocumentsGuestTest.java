// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.memremap.conformance.GuestKernel;
import dev.memremap.conformance.GuestLimits;
import dev.memremap.conformance.GuestMachine;
import dev.memremap.conformance.GuestRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the documents show of real memory and devices, carried out in one boot of a guest. */
@Tag("guest")
class DocumentsGuestTest {
  private static final long MIB = 1 << 20;

  @TempDir private Path folder;

  private static void assumePossible() {
    GuestMachine.whatIsMissing()
        .ifPresent(
            sentence -> {
              if (System.getenv("MEMREMAP_GUEST_REQUIRED") != null) {
                fail(sentence);
              }
              System.out.println("SKIPPED: " + sentence);
              abort(sentence);
            });
  }

  @Test
  @DisplayName("what pages show of hardware is what is printed on such hardware")
  void guest() throws Exception {
    assumePossible();
    GuestMachine machine =
        GuestMachine.builder(GuestKernel.find())
            .nvdimm(folder.resolve("nvdimm"), 256 * MIB)
            .modules("crc32c_generic", "ext4")
            // the third bridge is that of bus 3, so the device is 0000:03:00.0: BAR 0 has
            // registers, BAR
            // 2 is prefetchable memory, and the guest has no driver for it
            .device("pcie-root-port,id=first,chassis=1")
            .device("pcie-root-port,id=second,chassis=2")
            .device("pcie-root-port,id=third,chassis=3")
            .device("nvme,serial=documents,cmb_size_mb=16,bus=third")
            .directory(Page.ROOT.resolve("cli"))
            .build();
    GuestRun run =
        machine.run(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                ShellProcess.CLASS_PATH,
                "dev.memremap.cli.documents.GuestPages"),
            GuestLimits.find().command());
    Path all = Files.writeString(Path.of("target", "documents-guest.txt"), run.output());
    System.out.println("all that was said in there is in " + all.toAbsolutePath());
    assertThat(run.output()).doesNotContain("difference: ");
    assertThat(run.output().lines().reduce("", (a, b) -> b)).startsWith(GuestPages.ENDED);
    assertThat(run.exitStatus()).isZero();
  }
}
