// SPDX-License-Identifier: Apache-2.0
package dev.memremap.nvdimm;

import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Predicts what {@code ndctl create-namespace} would make, or why it would refuse: as ndctl 76 and
 * Linux 6.1 do; architectures differ in their page size. It looks at the request alone. {@code
 * Machine.explainPages} of {@link #pagemap} tells whether the memory can have the page map.
 *
 * <p>Thread safety: immutable.
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
   * Plans a request.
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

  /** Returns the request. */
  public NamespaceRequest request() {
    return request;
  }

  /** Returns whether the namespace would be made. */
  public boolean isGranted() {
    return refusal == null;
  }

  /**
   * Returns why it would not be made, with the errno that ndctl reports; empty if it would be made.
   */
  public Optional<Refusal> refusal() {
    return Optional.ofNullable(refusal);
  }

  /** Returns where its parts would lie; empty if it is refused. */
  public Optional<NamespaceLayout> layout() {
    return Optional.ofNullable(layout);
  }

  /** Returns the page size of the Linux that makes it, in bytes. */
  public long pageBytes() {
    return rules.pages().pageBytes();
  }

  /**
   * Returns the alignment of the region in bytes, as requested or as the kernel chooses ({@link
   * Rule#NS_1 NS-1}).
   */
  public long regionAlignBytes() {
    return rules.regionAlign();
  }

  /**
   * Returns the least alignment of a mapping of its memory in bytes, {@code memremap_compat_align}:
   * a subsection, except on PowerPC.
   */
  public long compatAlignBytes() {
    return rules.compatAlign();
  }

  /**
   * Returns whether ndctl asks for {@code --force}, since the namespace does not begin at a
   * multiple of 16M.
   */
  public boolean needsForce() {
    return !NamespaceRules.isAligned(request.region().start(), NamespaceRules.COMMON_ALIGN);
  }

  /**
   * Lists at most four requests near a refused one that would be granted: with another size,
   * another region, or another alignment of the region.
   */
  public List<NamespaceRequest> nearest() {
    return isGranted() ? List.of() : NearestNamespaces.of(request, rules.pages());
  }

  /**
   * Returns the page map that the namespace's drivers would ask {@code memremap_pages} for.
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
