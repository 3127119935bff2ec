// SPDX-License-Identifier: Apache-2.0
package dev.memremap.nvdimm;

import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.pages.MemmapLayout;
import dev.memremap.page.KernelMemmap;
import dev.memremap.page.VmemAltmap;
import dev.memremap.resource.Memparse;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Checks what ndctl and the kernel check before they make a namespace, in their order, and lays it
 * out as they do. Each check is named after its rule.
 *
 * @param request what is asked for
 * @param pages the kernel's pages
 */
record NamespaceRules(NamespaceRequest request, PageGeometry pages) {
  /**
   * The alignment that every architecture can map, the least size of a namespace, and what ndctl
   * wants its start to be a multiple of.
   */
  static final long COMMON_ALIGN = 16L << 20;

  /** What lies before the page structures: 4K for a label of the media, and the info block. */
  private static final long BEFORE_STRUCTURES = 8192;

  static boolean isAligned(long number, long align) {
    return (number & (align - 1)) == 0;
  }

  private static long down(long number, long align) {
    return number & -align;
  }

  private static long up(long number, long align) {
    return down(number + align - 1, align);
  }

  // ---- what is taken where nothing was said --------------------------------------------------

  /** {@code default_align} of the kernel, or what was written to the region's file. */
  long regionAlign() {
    if (request.regionAlignBytes() != 0) {
      return request.regionAlignBytes();
    }
    return isSmall(region().sizeBytes()) ? pages.pageBytes() : COMMON_ALIGN;
  }

  /** {@code memremap_compat_align} of the kernel, except on PowerPC. */
  long compatAlign() {
    return Math.max(pages.subsectionBytes(), pages.pageBytes());
  }

  /** What ndctl takes: the kernel's default where the region begins at a multiple of it. */
  private long align() {
    if (request.alignBytes() != 0) {
      return request.alignBytes();
    }
    long huge = pages.pmdBytes();
    return isAligned(region().start(), huge) ? huge : pages.pageBytes();
  }

  private PhysRange region() {
    return request.region();
  }

  /** How many bytes of the region a namespace can have. */
  private long available() {
    long all = region().sizeBytes();
    return request.labels() ? down(all, regionAlign()) : all;
  }

  private long size() {
    return request.sizeBytes() == 0 ? available() : request.sizeBytes();
  }

  private static boolean isSmall(long bytes) {
    return Long.compareUnsigned(bytes, COMMON_ALIGN) < 0;
  }

  // ---- what is checked -----------------------------------------------------------------------

  /** The first check that fails; null if none does. */
  @Nullable Refusal refusal() {
    return Stream.<Supplier<Optional<Refusal>>>of(
            this::ns1, this::ns2, this::ns3, this::ns4, this::ns5, this::ns6, this::ns7, this::ns8)
        .flatMap(check -> check.get().stream())
        .findFirst()
        .orElse(null);
  }

  private Optional<Refusal> ns1() {
    long align = regionAlign();
    boolean works =
        Long.bitCount(align) == 1
            && align >= pages.pageBytes()
            && Long.compareUnsigned(align, region().sizeBytes()) <= 0;
    return unless(
        works,
        Errno.EINVAL,
        Rule.NS_1,
        "a region of %s cannot be aligned to %s; write a power of two from %s to its size"
            .formatted(
                text(region().sizeBytes()), text(align), Memparse.format(pages.pageBytes())));
  }

  private Optional<Refusal> ns2() {
    long available = available();
    if (!request.labels()) {
      return unless(
          size() == available,
          Errno.EINVAL,
          Rule.NS_2,
          "without labels a namespace has all %s of its region, not %s; leave the size out, or use labels"
              .formatted(text(available), text(size())));
    }
    boolean fits =
        Long.compareUnsigned(size(), available) <= 0
            && (request.sizeBytes() != 0 || !isSmall(available));
    return unless(
        fits,
        Errno.ENOSPC,
        Rule.NS_2,
        "the region of %s, aligned to %s, has %s for namespaces, and this one needs %s"
            .formatted(
                text(region().sizeBytes()),
                text(regionAlign()),
                text(available),
                text(request.sizeBytes() == 0 ? COMMON_ALIGN : size())));
  }

  private Optional<Refusal> ns3() {
    long align = align();
    boolean supported =
        align == pages.pageBytes()
            || align == pages.pmdBytes()
            || (align == pages.pudBytes() && hasHugePuds());
    return unless(
        supported,
        Errno.ENXIO,
        Rule.NS_3,
        "mappings cannot be aligned to %s; a kernel with pages of %s can have %s"
            .formatted(text(align), Memparse.format(pages.pageBytes()), supportedAligns()));
  }

  private String supportedAligns() {
    String two =
        "%s or %s".formatted(Memparse.format(pages.pageBytes()), Memparse.format(pages.pmdBytes()));
    return hasHugePuds() ? two + " or " + Memparse.format(pages.pudBytes()) : two;
  }

  /** Of the architectures with NVDIMMs, only x86-64 has them, and its pages are the smallest. */
  private boolean hasHugePuds() {
    return pages.pageShift() == PageGeometry.X86_64.pageShift();
  }

  private Optional<Refusal> ns4() {
    return unless(
        isAligned(size(), regionAlign()),
        Errno.EINVAL,
        Rule.NS_4,
        "its size, %s, is not a multiple of the region's alignment, %s; a smaller alignment can be written to the region's file 'align' in sysfs before"
            .formatted(text(size()), text(regionAlign())));
  }

  private Optional<Refusal> ns5() {
    return unless(
        isAligned(size(), align()),
        Errno.EINVAL,
        Rule.NS_5,
        "its size, %s, is not a multiple of %s, which its mappings are aligned to"
            .formatted(text(size()), text(align())));
  }

  private Optional<Refusal> ns6() {
    return unless(
        !isSmall(size()),
        Errno.EINVAL,
        Rule.NS_6,
        "its size, %s, is less than %s".formatted(text(size()), text(COMMON_ALIGN)));
  }

  private Optional<Refusal> ns7() {
    return unless(
        isAligned(region().start(), compatAlign()),
        Errno.ENXIO,
        Rule.NS_7,
        "it would begin at 0x%x, which is not a multiple of %s; the kernel's log says that the start is misaligned"
            .formatted(region().start(), text(compatAlign())));
  }

  private Optional<Refusal> ns8() {
    return unless(
        Long.compareUnsigned(dataOffset(), size() - endTrunc()) < 0,
        Errno.ENXIO,
        Rule.NS_8,
        "its data would begin %s after its start, and %s of it can be mapped; the kernel's log says that it is unable to satisfy the requested alignment, %s"
            .formatted(text(dataOffset()), text(size() - endTrunc()), text(align())));
  }

  private static Optional<Refusal> unless(boolean works, Errno errno, Rule rule, String sentence) {
    return works ? Optional.empty() : Optional.of(new Refusal(errno, rule, sentence));
  }

  private static String text(long bytes) {
    String plain = Memparse.format(bytes);
    return plain.startsWith("0x")
        ? Long.toUnsignedString(bytes) + " bytes"
        : bytes < 1024 ? plain + " bytes" : plain;
  }

  // ---- what is laid out ----------------------------------------------------------------------

  /** What both ends of the data are aligned to. */
  private long dataAlign() {
    return Math.max(align(), compatAlign());
  }

  private long endTrunc() {
    long end = region().start() + size();
    return end - down(end, dataAlign());
  }

  private boolean isOnDevice() {
    return request.map() == NamespaceRequest.MapLocation.DEV;
  }

  /** Room for a structure of each page behind the info block, itself and padding included. */
  private long dataOffset() {
    long start = region().start();
    long structures =
        isOnDevice() ? pages.pages(size() - BEFORE_STRUCTURES) * KernelMemmap.STRUCT_PAGE_BYTES : 0;
    return up(start + BEFORE_STRUCTURES + structures, dataAlign()) - start;
  }

  /** AM-8, for a request that no check refuses. */
  NamespaceLayout layout() {
    PhysRange namespace = PhysRange.of(region().start(), size());
    int shift =
        request.mode() == NamespaceRequest.Mode.DEVDAX
            ? PageGeometry.shift(align()) - pages.pageShift()
            : 0;
    return new NamespaceLayout(
        namespace,
        align(),
        endTrunc(),
        dataOffset(),
        pages.pages(size() - endTrunc() - dataOffset()),
        shift,
        isOnDevice() ? Optional.of(altmap()) : Optional.empty());
  }

  private NamespaceLayout.Altmap altmap() {
    long start = region().start();
    long base = pages.pfn(down(start, compatAlign()));
    long before = up(BEFORE_STRUCTURES, pages.pageBytes());
    long reserve = pages.pages(before) + pages.pfn(start) - base;
    long free = pages.pages(dataOffset() - before);
    return new NamespaceLayout.Altmap(base, reserve, free, used(base + reserve));
  }

  /**
   * What x86-64 takes: the structures of whole sections, in pieces that are aligned to their size
   * (AM-7, AM-4).
   *
   * @param next the first page that can be taken
   */
  private Optional<VmemAltmap.Used> used(long next) {
    if (pages.pageShift() != PageGeometry.X86_64.pageShift()) {
      return Optional.empty();
    }
    int entry = KernelMemmap.STRUCT_PAGE_BYTES;
    MemmapLayout kernel = new MemmapLayout(pages, entry, entry, Long.BYTES, true);
    long alloc = kernel.altmapPages(pages.pfn(region().start()), pages.pages(size() - endTrunc()));
    long align = alloc == 0 ? 0 : -next & (kernel.altmapAlignPages() - 1);
    return Optional.of(new VmemAltmap.Used(align, alloc));
  }
}
