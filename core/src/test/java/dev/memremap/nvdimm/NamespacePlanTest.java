// SPDX-License-Identifier: Apache-2.0
package dev.memremap.nvdimm;

import static dev.memremap.nvdimm.NamespaceRequest.MapLocation.DEV;
import static dev.memremap.nvdimm.NamespaceRequest.MapLocation.MEM;
import static dev.memremap.nvdimm.NamespaceRequest.Mode.FSDAX;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.Memparse;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamespacePlanTest {
  private static final long MIB = 1 << 20;
  private static final long START = 0x1_1000_0000L;

  private static NamespaceRequest request(long start, String size) {
    return NamespaceRequest.of(PhysRange.of(start, Memparse.parse(size)), FSDAX);
  }

  private static NamespaceLayout layout(NamespaceRequest request, long pageBytes) {
    return NamespacePlan.of(request, pageBytes).layout().orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({"3M", "2K", "128M"})
  @DisplayName("NS-1 a region's alignment is a power of two from a page to its size")
  void regionAlign(String align) {
    NamespaceRequest request = request(START, "64M").regionAlign(Memparse.parse(align));
    NamespacePlan plan = NamespacePlan.of(request, 4096);
    assertThat(plan.refusal())
        .hasValueSatisfying(
            why -> {
              assertThat(why.rule()).isEqualTo(Rule.NS_1);
              assertThat(why.errno()).isEqualTo(Errno.EINVAL);
            });
    assertThat(plan.nearest()).contains(request.regionAlign(0));
  }

  /** Requests of which each is refused, by every rule. */
  static Stream<NamespaceRequest> refused() {
    return Stream.of(
        request(START, "64M").regionAlign(3 * MIB),
        request(START, "64M").size(32 * MIB),
        request(START, "64M").labels(true).size(80 * MIB),
        request(START, "15M").labels(true),
        request(START, "64M").align(16 << 10),
        request(START, "66M"),
        request(START, "74M").labels(true).size(33 * MIB),
        request(START, "65M").regionAlign(MIB),
        request(START, "8M"),
        request(START + MIB, "64M"),
        request(START + MIB, "66M"),
        request(START + 4096, "65M").labels(true).size(33 * MIB),
        request(1L << 32, "1G").align(1 << 30));
  }

  @Test
  @DisplayName("every rule refuses one of the requests that what is offered is tried with")
  void everyRule() {
    assertThat(
            refused()
                .map(request -> NamespacePlan.of(request, 4096).refusal().orElseThrow().rule())
                .distinct())
        .containsExactlyInAnyOrder(
            Rule.NS_1, Rule.NS_2, Rule.NS_3, Rule.NS_4, Rule.NS_5, Rule.NS_6, Rule.NS_7, Rule.NS_8);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  @DisplayName("NS-1 to NS-8 what would fit is offered with a refusal, and is granted")
  void nearest(NamespaceRequest request) {
    NamespacePlan plan = NamespacePlan.of(request, 4096);
    assertThat(plan.isGranted()).isFalse();
    assertThat(plan.layout()).isEmpty();
    assertThatIllegalStateException().isThrownBy(plan::pagemap);
    assertThat(plan.nearest())
        .hasSizeBetween(1, 4)
        .doesNotHaveDuplicates()
        .allMatch(near -> NamespacePlan.of(near, 4096).isGranted());
  }

  @Test
  @DisplayName("NS-6 where no change of a few fits, nothing is offered")
  void nothingNear() {
    NamespaceRequest atTheEnd = request(0xffff_ffff_fff0_0000L, "1M");
    NamespacePlan plan = NamespacePlan.of(atTheEnd, 4096);
    assertThat(plan.refusal())
        .hasValueSatisfying(why -> assertThat(why.rule()).isEqualTo(Rule.NS_6));
    assertThat(plan.nearest()).isEmpty();
  }

  @Test
  @DisplayName("NS-4 a size that is not a multiple of 16M has the next ones, or another alignment")
  void nearestSizes() {
    assertThat(NamespacePlan.of(request(START, "66M"), 4096).nearest())
        .containsExactly(
            request(START, "64M"),
            request(START, "80M"),
            request(START, "66M").regionAlign(2 * MIB));
    assertThat(NamespacePlan.of(request(START, "64M").labels(true).size(33 * MIB), 4096).nearest())
        .startsWith(
            request(START, "64M").labels(true).size(32 * MIB),
            request(START, "64M").labels(true).size(48 * MIB));
  }

  /** Regions of many sizes and starts, as they are and with labels, mapped in each way. */
  static Stream<NamespaceRequest> regions() {
    List<NamespaceRequest> all = new ArrayList<>();
    for (long start = START; start < START + 40 * MIB; start += 2 * MIB) {
      for (long bytes = 16 * MIB; bytes <= 700 * MIB; bytes += 38 * MIB) {
        for (NamespaceRequest.Mode mode : NamespaceRequest.Mode.values()) {
          NamespaceRequest one =
              NamespaceRequest.of(PhysRange.of(start, bytes), mode).regionAlign(2 * MIB);
          all.add(one);
          all.add(one.map(MEM).align(4096));
          all.add(one.labels(true).regionAlign(0));
        }
      }
    }
    return all.stream();
  }

  private static void areOfBothModes(List<? extends NamespacePlan> plans) {
    assertThat(plans)
        .extracting(plan -> plan.request().mode())
        .contains(NamespaceRequest.Mode.values());
  }

  @Test
  @DisplayName("AM-8 the parts of a namespace lie one behind the other, aligned, and fill it")
  void partsFillIt() {
    assertThat(regions().map(request -> NamespacePlan.of(request, 4096)))
        .filteredOn(NamespacePlan::isGranted)
        .hasSizeGreaterThan(1000)
        .satisfies(NamespacePlanTest::areOfBothModes)
        .allSatisfy(
            plan -> {
              NamespaceLayout layout = plan.layout().orElseThrow();
              PhysRange data = layout.data();
              assertThat(plan.request().region().contains(layout.namespace())).isTrue();
              assertThat(layout.namespace().contains(layout.infoBlock())).isTrue();
              assertThat(layout.infoBlock().overlaps(data)).isFalse();
              assertThat(data.start() % plan.compatAlignBytes()).isZero();
              assertThat(data.start() % layout.alignBytes()).isZero();
              assertThat(data.sizeBytes()).isEqualTo(layout.pages() * 4096);
              assertThat(data.endInclusive() + layout.endTrunc())
                  .isEqualTo(layout.namespace().endInclusive());
              assertThat(layout.mapped().endInclusive()).isEqualTo(data.endInclusive());
              assertThat(layout.altmap().isPresent()).isEqualTo(plan.request().map() == DEV);
            });
  }

  @Test
  @DisplayName("AM-3, AM-7 an altmap has room for the structures that x86-64 takes from it")
  void altmapHasRoom() {
    assertThat(regions().map(request -> NamespacePlan.of(request, 4096)))
        .filteredOn(plan -> plan.layout().flatMap(NamespaceLayout::altmap).isPresent())
        .satisfies(NamespacePlanTest::areOfBothModes)
        .allSatisfy(
            plan -> {
              NamespaceLayout layout = plan.layout().orElseThrow();
              NamespaceLayout.Altmap altmap = layout.altmap().orElseThrow();
              assertThat(altmap.used())
                  .hasValueSatisfying(
                      used ->
                          assertThat(used.align() + used.alloc())
                              .isLessThanOrEqualTo(altmap.free()));
              assertThat((altmap.reserve() + altmap.free()) * 4096).isEqualTo(layout.dataOffset());
            });
  }

  @ParameterizedTest
  @EnumSource(NamespaceRequest.MapLocation.class)
  @DisplayName("C-8 a machine grants the page map of a namespace, with the altmap that is planned")
  void isMapped(NamespaceRequest.MapLocation map) {
    MachineDescription machine =
        MachineDescription.parse(
            "00000000-0fffffff : System RAM\n110000000-14fffffff : Persistent Memory\n");
    NamespacePlan plan = NamespacePlan.of(request(START, "1G").map(map), 4096);
    try (Machine simulated = Machine.simulated(machine.with("memmap", "kernel"))) {
      assertThat(simulated.explainPages(plan.pagemap().build()))
          .satisfies(
              pages -> {
                assertThat(pages.isGranted()).as(pages.toString()).isTrue();
                assertThat(pages.altmapPages()).isEqualTo(map == DEV ? 4096 : 0);
                assertThat(pages.usablePages() * 4096)
                    .isEqualTo(
                        map == DEV ? plan.layout().orElseThrow().data().sizeBytes() : 1L << 30);
              });
    }
  }

  @ParameterizedTest
  @CsvSource({
    // pages, size, align, dataoff, reserve, free
    "4K, 4G, 2M, 66M, 2, 16894",
    "16K, 4G, 32M, 32M, 1, 2047",
    "64K, 4G, 512M, 512M, 1, 8191",
  })
  @DisplayName("AM-8 with larger pages there are fewer structures, and mappings align to more")
  void otherPages(
      String page, String size, String align, String dataOffset, long reserve, long free) {
    long pageBytes = Memparse.parse(page);
    NamespaceLayout layout = layout(request(1L << 32, size), pageBytes);
    assertThat(layout.alignBytes()).isEqualTo(Memparse.parse(align));
    assertThat(layout.dataOffset()).isEqualTo(Memparse.parse(dataOffset));
    assertThat(layout.altmap())
        .hasValueSatisfying(
            altmap -> {
              assertThat(altmap.reserve()).isEqualTo(reserve);
              assertThat(altmap.free()).isEqualTo(free);
              assertThat(altmap.used().isPresent()).isEqualTo(pageBytes == 4096);
            });
    assertThat(layout.pages()).isEqualTo((Memparse.parse(size) - layout.dataOffset()) / pageBytes);
  }

  @Test
  @DisplayName("ndctl asks for --force where a namespace begins at no multiple of 16M")
  void force() {
    assertThat(NamespacePlan.of(request(START, "64M"), 4096).needsForce()).isFalse();
    assertThat(NamespacePlan.of(request(START + 2 * MIB, "64M"), 4096).needsForce()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 512, 2048, 5000, 8192, 32768, 1 << 20, -4096})
  @DisplayName("a page size that no Linux with NVDIMMs has is an illegal argument")
  void oddPages(long pageBytes) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NamespacePlan.of(request(START, "64M"), pageBytes))
        .withMessage(
            "Linux has no pages of %d bytes where it has NVDIMMs; give 4096, 16384 or 65536"
                .formatted(pageBytes));
  }

  @Test
  @DisplayName("a region of the whole address space is an illegal argument")
  void wholeAddressSpace() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NamespaceRequest.of(new PhysRange(0, -1), FSDAX))
        .withMessage(
            "a region of 2^64 bytes is the whole address space; give the region of one NVDIMM");
  }
}
