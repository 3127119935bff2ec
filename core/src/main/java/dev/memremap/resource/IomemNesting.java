// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Builds a tree from its lines in their order, in time linear in their number.
 *
 * <p>Indentation says how deep a line lies, up to level 5. Deeper ones look alike (PRC-2); there a
 * line lies in the innermost open resource that contains it. Siblings never overlap (RES-1), so no
 * other place is possible.
 *
 * <p>Thread safety: for one thread.
 */
final class IomemNesting {
  /** More than any machine has, and little enough for a walk that recurses. */
  static final int DEEPEST = 64;

  private static final int REMEMBERED_NAMES = 4096;

  /** A resource whose children may still come. */
  private static final class Open {
    final Resource resource;
    @Nullable ArrayList<Resource> children;

    Open(Resource resource) {
      this.resource = resource;
    }

    @Nullable Resource lastChild() {
      return children == null ? null : children.getLast();
    }

    void add(Resource child) {
      if (children == null) {
        children = new ArrayList<>(2);
      }
      children.add(child);
    }

    Resource closed() {
      if (children == null) {
        return resource;
      }
      children.trimToSize();
      return resource.withChildren(children);
    }
  }

  /** The root and the way down to the last line's resource. */
  private final List<Open> open = new ArrayList<>(List.of(new Open(Resource.memoryRoot())));

  private final Map<String, Named> names = new HashMap<>();

  /**
   * Puts the next line's resource in.
   *
   * @return why it cannot be, as a sentence, and then nothing is put in; null if it was
   */
  @Nullable String add(IomemLine line) {
    if (Long.compareUnsigned(line.end(), line.start()) < 0) {
      return "the range %08x-%08x ends before it starts; the end is its last byte"
          .formatted(line.start(), line.end());
    }
    if (line.indent() % IomemLine.SPACES_PER_LEVEL != 0) {
      return "the line is indented by %d spaces; each level takes two".formatted(line.indent());
    }
    int level = line.indent() / IomemLine.SPACES_PER_LEVEL;
    if (level > IomemLine.DEEPEST_LEVEL) {
      return "the line is indented by %d spaces; deeper than 10 is never printed, indent it by 10"
          .formatted(line.indent());
    }
    if (level >= open.size()) {
      return "the line is indented by %d spaces and its parent is missing; indent it by %d at most here"
          .formatted(line.indent(), IomemLine.SPACES_PER_LEVEL * (open.size() - 1));
    }
    PhysRange range = new PhysRange(line.start(), line.end());
    closeDownTo(level, range);
    Open parent = open.getLast();
    String problem = whyNotBelow(parent, range);
    if (problem != null) {
      return problem;
    }
    if (open.size() > DEEPEST) {
      return "the line lies more than %d levels deep; no machine nests so, the addresses must be wrong"
          .formatted(DEEPEST);
    }
    Named named = named(line.name());
    open.add(new Open(Resource.of(named.kind(), range, named.name(), parent.resource)));
    return null;
  }

  private void closeDownTo(int level, PhysRange range) {
    while (open.size() - 1 > level && !mayStayOpen(level, range)) {
      close();
    }
  }

  /** PRC-2: among the levels that look alike, what contains a line stays open around it. */
  private boolean mayStayOpen(int level, PhysRange range) {
    return level == IomemLine.DEEPEST_LEVEL && open.getLast().resource.range().contains(range);
  }

  private static @Nullable String whyNotBelow(Open parent, PhysRange range) {
    Resource last = parent.lastChild();
    if (last != null && last.range().overlaps(range)) {
      return "%s overlaps '%s' before it; correct the addresses, or indent it to lie inside"
          .formatted(range, last);
    }
    if (last != null && range.compareTo(last.range()) < 0) {
      return "%s comes after '%s'; put the lines of one level in ascending order"
          .formatted(range, last);
    }
    if (!parent.resource.range().contains(range)) {
      return "%s does not lie in '%s' above it; correct the addresses, or indent it less"
          .formatted(range, parent.resource);
    }
    return null;
  }

  private void close() {
    Resource done = open.removeLast().closed();
    open.getLast().add(done);
  }

  /** A name on one of the lines, and what it means. */
  private record Named(@Nullable String name, ResourceKind kind) {
    static final Named NOT = of(null);

    static Named of(@Nullable String name) {
      return new Named(name, ResourceKind.of(name));
    }
  }

  /** Large maps repeat a few names on most of their lines, which then share one string. */
  private Named named(@Nullable String name) {
    if (name == null) {
      return Named.NOT;
    }
    Named known = names.get(name);
    if (known == null) {
      known = Named.of(name);
      if (names.size() < REMEMBERED_NAMES) {
        names.put(name, known);
      }
    }
    return known;
  }

  /** The root with all that was put in. */
  Resource root() {
    while (open.size() > 1) {
      close();
    }
    return open.getLast().closed();
  }
}
