// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.pages.LiveRange;
import dev.memremap.nvdimm.NamespaceLayout;
import dev.memremap.nvdimm.NamespacePlan;
import dev.memremap.nvdimm.NamespaceRequest;
import dev.memremap.resource.Memparse;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import dev.memremap.vectors.VectorExceptions;
import dev.memremap.vectors.VectorRow;
import dev.memremap.vectors.VectorRows;
import dev.memremap.vectors.VectorRun;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rows of altmaps and of the memmap's size that need no machine. */
class AltmapVectorTest {
  @RegisterExtension static final VectorRun RUN = VectorRun.of("AM", "CG");

  private static final List<String> OF_A_MACHINE = List.of("release", "__add_pages");

  static Stream<VectorRow> altmapRows() {
    return VectorRows.withPrefix("AM").filter(row -> !OF_A_MACHINE.contains(row.function()));
  }

  static Stream<VectorRow> compoundRows() {
    return VectorRows.withPrefix("CG");
  }

  @ParameterizedTest
  @MethodSource("altmapRows")
  @DisplayName("AM-1 to AM-8: an altmap gives, takes back and is laid out as the row says")
  void altmap(VectorRow row) {
    switch (row.function()) {
      case "altmap_alloc" -> alloc(row);
      case "memmap_pages" -> memmapPages(row);
      case "vmem_altmap_offset" -> offset(row);
      case "vmem_altmap_free" -> free(row);
      case "nvdimm altmap" -> namespace(row);
      default -> throw new AssertionError(row);
    }
  }

  private static void alloc(VectorRow row) {
    VmemAltmap altmap =
        new VmemAltmap(number(row, "base_pfn"), number(row, "reserve"), number(row, "free"));
    String pfns =
        Stream.of(row.value("sizes").orElseThrow().split(",", -1))
            .map(size -> altmap.alloc(Memparse.parse(size), 4096))
            .map(AltmapVectorTest::pfn)
            .collect(Collectors.joining(","));
    RUN.check(row, "pfns=" + pfns);
    assertThat(
            "alloc=%d align=%d offset=%d"
                .formatted(altmap.alloc(), altmap.align(), altmap.offset()))
        .isEqualTo(row.effects());
  }

  private static String pfn(OptionalLong pfn) {
    return pfn.isEmpty() ? "NULL" : "0x" + Long.toHexString(pfn.getAsLong());
  }

  private static void memmapPages(VectorRow row) {
    long size = number(row, "size");
    RUN.check(row, Long.toString(KernelMemmap.memmapPages(size, 4096)));
    assertThat("bytes=" + size / 4096 * KernelMemmap.STRUCT_PAGE_BYTES).isEqualTo(row.effects());
  }

  private static void offset(VectorRow row) {
    if (row.setup().equals("altmap NULL")) {
      LiveRange plain =
          new LiveRange(
              PageGeometry.X86_64,
              PhysRange.of(0x40000000L, 2 << 20),
              dev.memremap.cache.CacheMode.WB,
              0x40000,
              0,
              0);
      RUN.check(row, Long.toString(plain.firstUsablePfn() - plain.firstPfn()));
      return;
    }
    VmemAltmap altmap = new VmemAltmap(0x140000, number(row, "reserve"), number(row, "free"));
    altmap.use(new VmemAltmap.Used(number(row, "align"), number(row, "alloc")));
    RUN.check(row, Long.toString(altmap.offset()));
  }

  private static void free(VectorRow row) {
    VmemAltmap altmap = new VmemAltmap(0x140000, 2, 4094);
    altmap.use(new VmemAltmap.Used(510, number(row, "alloc")));
    altmap.free(number(row, "nr"));
    RUN.check(row, "alloc=" + altmap.alloc());
    assertThat(altmap.align()).as(row.effects()).isEqualTo(510);
    assertThat(
            org.assertj.core.api.Assertions.catchThrowableOfType(
                MemremapException.class, () -> altmap.free(513)))
        .as("more than was taken")
        .isNotNull();
    assertThat(altmap.alloc()).isEqualTo(512);
  }

  private static void namespace(VectorRow row) {
    PhysRange region = PhysRange.of(number(row, "start"), number(row, "size"));
    NamespaceLayout layout =
        NamespacePlan.of(NamespaceRequest.of(region, NamespaceRequest.Mode.FSDAX), 4096)
            .layout()
            .orElseThrow();
    NamespaceLayout.Altmap altmap = layout.altmap().orElseThrow();
    RUN.check(
        row,
        "base_pfn=0x%x reserve=%d free=%d"
            .formatted(altmap.basePfn(), altmap.reserve(), altmap.free()));
    assertThat(layout.dataOffset()).isEqualTo((altmap.reserve() + altmap.free()) * 4096);
    if (VectorExceptions.all().stream().noneMatch(exception -> exception.id().equals(row.id()))) {
      assertThat("dataoff=0x%x".formatted(layout.dataOffset())).isEqualTo(row.effects());
    }
  }

  @ParameterizedTest
  @MethodSource("compoundRows")
  @DisplayName("CG-3, CG-4: compound pages share their structures as the row says")
  void compound(VectorRow row) {
    int shift = Integer.parseInt(find("vmemmap_shift=(\\d+)", row.input()));
    boolean altmap = row.setup().equals("altmap valid");
    boolean shared = KernelMemmap.canOptimize(shift, altmap, 4096);
    RUN.check(row, shared ? "yes" : "no");
    if (!row.effects().equals("-")) {
      long plain = KernelMemmap.pagesPerCompound(shift, true, 4096);
      String before = shift < 6 ? "shared" : Long.toString(plain);
      String after =
          shared ? Long.toString(KernelMemmap.pagesPerCompound(shift, false, 4096)) : "same";
      assertThat("memmap pages per compound %s -> %s".formatted(before, after))
          .isEqualTo(row.effects());
    }
  }

  private static long number(VectorRow row, String key) {
    String value = find(key + "=(\\w+)", row.setup() + " " + row.input());
    return Memparse.parse(value);
  }

  private static String find(String pattern, String text) {
    Matcher matcher = Pattern.compile("(?<![a-z_])" + pattern).matcher(text);
    assertThat(matcher.find()).as("%s in %s", pattern, text).isTrue();
    return Objects.requireNonNull(matcher.group(1));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, 3})
  @DisplayName("AM-7 a kernel's page size is a power of two")
  void noPageSize(long pageBytes) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KernelMemmap.bytes(1 << 21, 0, false, pageBytes));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 32})
  @DisplayName("AM-7 a page holds at least one page structure")
  void pageWithoutRoom(long pageBytes) {
    String said = "pageBytes is %d, and a page holds at least one struct page".formatted(pageBytes);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KernelMemmap.memmapPages(1, pageBytes))
        .withMessageStartingWith(said);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KernelMemmap.bytes(1 << 21, 9, false, pageBytes))
        .withMessageStartingWith(said);
  }

  @Test
  @DisplayName("AM-7 a page of 64 bytes holds one page structure, the largest page 2^57")
  void smallestAndLargestPage() {
    assertThat(KernelMemmap.memmapPages(640, 64)).isEqualTo(10);
    assertThat(KernelMemmap.memmapPages(-1, 1L << 63)).isOne();
    assertThat(KernelMemmap.pagesPerCompound(57, true, 64)).isEqualTo(1L << 57);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 52, 64, Integer.MAX_VALUE, Integer.MIN_VALUE})
  @DisplayName("CG-4 a compound page that no address space has is refused by its shift")
  void noCompoundPage(int shift) {
    for (ThrowingCallable question :
        List.<ThrowingCallable>of(
            () -> KernelMemmap.bytes(1 << 21, shift, false, 4096),
            () -> KernelMemmap.canOptimize(shift, true, 4096),
            () -> KernelMemmap.pagesPerCompound(shift, false, 4096))) {
      assertThatIllegalArgumentException()
          .isThrownBy(question)
          .withMessageStartingWith("shift is %d, ".formatted(shift))
          .withMessageContaining("at most 2^51 pages of 4096 bytes");
    }
  }
}
