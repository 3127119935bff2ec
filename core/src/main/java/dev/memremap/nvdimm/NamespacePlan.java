// SPDX-License-Identifier: Apache-2.0
package dev.memremap.nvdimm;

import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.rule.Refusal;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@code ndctl create-namespace} would leave, or why it is refused: as ndctl 76 and Linux 6.1
 * do it on x86-64, whose other architectures differ in the size of a page. Computed from the
 * request alone; whether the memory can have a page map is another question, which {@code
 * Machine.explainPages} answers of {@link #pagemap}.
 *
 * <p>Thread safety: a value.
 */
public final class NamespacePlan {
  /** The page sizes of x86-64, arm64 and PowerPC, which have NVDIMMs. */
  private static final Set<Long> PAGE_BYTES = Set.of(4096L, 16384L, 65536L);

  private final NamespaceRequest request;
  private final NamespaceRules rules;
  private final @Nullable NamespaceLayout layout;
  private final @Nullable Refusal refusal;

  private NamespacePlan(
      NamespaceRequest request,
      NamespaceRules rules,
      @Nullable NamespaceLayout layout,
      @Nullable Refusal refusal) {
    this.request = request;
    this.rules = rules;
    this.layout = layout;
    this.refusal = refusal;
  }

  /**
   * The plan for a request.
   *
   * @param pageBytes the page size of the Linux that makes the namespace
   * @throws IllegalArgumentException if the page size is not 4096, 16384 or 65536
   */
  public static NamespacePlan of(NamespaceRequest request, long pageBytes) {
    Objects.requireNonNull(request, "request");
    if (!PAGE_BYTES.contains(pageBytes)) {
      throw new IllegalArgumentException(
          "Linux has no pages of %d bytes where it has NVDIMMs; give 4096, 16384 or 65536"
              .formatted(pageBytes));
    }
    NamespaceRules rules = new NamespaceRules(request, PageGeometry.X86_64.withPages(pageBytes));
    Refusal refusal = rules.refusal();
    return new NamespacePlan(request, rules, refusal == null ? rules.layout() : null, refusal);
  }

  /** What was asked for. */
  public NamespaceRequest request() {
    return request;
  }

  /** Whether the namespace would be made. */
  public boolean isGranted() {
    return refusal == null;
  }

  /** Why it would not be made, with the errno that ndctl reports. */
  public Optional<Refusal> refusal() {
    return Optional.ofNullable(refusal);
  }

  /** Where its parts would lie; empty if it is refused. */
  public Optional<NamespaceLayout> layout() {
    return Optional.ofNullable(layout);
  }

  /** The page size of the Linux that makes it. */
  public long pageBytes() {
    return rules.pages().pageBytes();
  }

  /** The alignment of the region: of what was asked for, or as the kernel chooses (NS-1). */
  public long regionAlignBytes() {
    return rules.regionAlign();
  }

  /**
   * What a mapping of its memory is aligned to at least, {@code memremap_compat_align}: a
   * subsection, except on PowerPC.
   */
  public long compatAlignBytes() {
    return rules.compatAlign();
  }

  /** Whether ndctl asks for {@code --force}, since the namespace begins at no multiple of 16M. */
  public boolean needsForce() {
    return !NamespaceRules.isAligned(request.region().start(), NamespaceRules.COMMON_ALIGN);
  }

  /**
   * Requests near a refused one that are granted, at most four: with another size, or in another
   * region, or of a region aligned otherwise.
   */
  public List<NamespaceRequest> nearest() {
    return isGranted() ? List.of() : NearestNamespaces.of(request, rules.pages());
  }

  /**
   * A page map as the drivers of the namespace ask {@code memremap_pages} for it.
   *
   * @throws IllegalStateException if the plan is refused
   */
  public DevPagemap.Builder pagemap() {
    NamespaceLayout laid = layout;
    if (laid == null) {
      throw new IllegalStateException("the namespace is refused: " + refusal);
    }
    DevPagemap.Builder map =
        DevPagemap.over()
            .range(laid.mapped().start(), laid.mapped().sizeBytes())
            .type(
                request.mode() == NamespaceRequest.Mode.FSDAX
                    ? MemoryType.FS_DAX
                    : MemoryType.GENERIC)
            .vmemmapShift(laid.vmemmapShift());
    laid.altmap().ifPresent(room -> map.altmap(room.reserve(), room.free(), pageBytes()));
    return map;
  }
}
