// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import static dev.memremap.resource.ResourceFlags.BUSY;
import static dev.memremap.resource.ResourceFlags.MEM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.internal.space.ResourceTree;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each change to the tree at the first byte of a resource, its last, one before and one beyond. */
class ResourceTreeEdgesTest {
  private static final long MIB = 1L << 20;
  private static final long SECTION = 128 * MIB;
  private static final PhysRange NODE = new PhysRange(0x3000, 0x6fff);

  private final ResourceTree tree =
      ResourceTree.of(Resource.memoryRoot(), PageGeometry.X86_64, KernelRules.LINUX_6_1);

  /** A resource at 0x3000-0x6fff, in a tree of its own. */
  private Resource node(long flags) {
    Resource node = Resource.of(NODE, "node", MEM | flags, ResourceDesc.NONE);
    tree.requestResource(tree.snapshot().root(), node);
    return node;
  }

  private static PhysRange range(String text) {
    int dash = text.indexOf('-');
    return new PhysRange(
        Long.parseUnsignedLong(text.substring(0, dash), 16),
        Long.parseUnsignedLong(text.substring(dash + 1), 16));
  }

  /** The tree as names in brackets: {@code node[new] other}. */
  private String shape() {
    return shape(tree.snapshot().root());
  }

  private static String shape(Resource parent) {
    List<String> parts = new ArrayList<>();
    for (Resource child : parent.children()) {
      parts.add(child.name() + (child.children().isEmpty() ? "" : "[" + shape(child) + "]"));
    }
    return String.join(" ", parts);
  }

  private static String answer(Runnable change) {
    MemremapException refused = catchThrowableOfType(MemremapException.class, change::run);
    return refused == null ? "ok" : refused.errno().name();
  }

  // what lies how to the node, then the answer of each function and the tree that it leaves
  @ParameterizedTest(
      name = "{0}: request {1}, insert {2}, a region of a free node {3}, a busy one {4}")
  @CsvSource({
    "1000-2fff, new node, new node, new node, new node",
    "1000-3000, EBUSY, EBUSY, EBUSY, EBUSY",
    "2fff-6fff, EBUSY, new[node], EBUSY, EBUSY",
    "2fff-6ffe, EBUSY, EBUSY, EBUSY, EBUSY",
    "3000-3000, EBUSY, node[new], node[new], EBUSY",
    "3000-6ffe, EBUSY, node[new], node[new], EBUSY",
    "3000-6fff, EBUSY, new[node], node[new], EBUSY",
    "3001-6fff, EBUSY, node[new], node[new], EBUSY",
    "3000-7000, EBUSY, new[node], EBUSY, EBUSY",
    "3001-7000, EBUSY, EBUSY, EBUSY, EBUSY",
    "2fff-7000, EBUSY, new[node], EBUSY, EBUSY",
    "6fff-6fff, EBUSY, node[new], node[new], EBUSY",
    "6fff-7000, EBUSY, EBUSY, EBUSY, EBUSY",
    "7000-7fff, node new, node new, node new, node new",
  })
  @DisplayName(
      "RES-5, RES-6, RES-8 what lies beside a resource, in it, around it or across an edge")
  void beside(String where, String request, String insert, String ofFree, String ofBusy) {
    PhysRange range = range(where);
    Resource wanted = Resource.of(range, "new", MEM, ResourceDesc.NONE);
    assertThat(after(0, tree -> tree.requestResource(tree.snapshot().root(), wanted)))
        .isEqualTo(request);
    assertThat(after(0, tree -> tree.insertResource(tree.snapshot().root(), wanted)))
        .isEqualTo(insert);
    assertThat(after(0, tree -> tree.requestRegion(range, "new", 0))).isEqualTo(ofFree);
    assertThat(after(BUSY, tree -> tree.requestRegion(range, "new", 0))).isEqualTo(ofBusy);
  }

  private interface Change {
    void to(ResourceTree tree);
  }

  private static String after(long flags, Change change) {
    ResourceTreeEdgesTest fresh = new ResourceTreeEdgesTest();
    fresh.node(flags);
    String answer = answer(() -> change.to(fresh.tree));
    if (!answer.equals("ok")) {
      assertThat(fresh.shape()).as("a refused change leaves the tree").isEqualTo("node");
      return answer;
    }
    return fresh.shape();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "1000-2fff, EINVAL",
    "2fff-6fff, EINVAL",
    "3000-3000, EINVAL",
    "3000-6ffe, EINVAL",
    "3000-6fff, ok",
    "3000-7000, EINVAL",
    "3001-6fff, EINVAL",
    "6fff-6fff, EINVAL",
    "7000-7fff, EINVAL",
  })
  @DisplayName("RES-9 a region is released by exactly its own bounds")
  void releaseRegion(String where, String expected) {
    node(BUSY);
    assertThat(answer(() -> tree.releaseRegion(range(where)))).isEqualTo(expected);
    assertThat(shape()).isEqualTo(expected.equals("ok") ? "" : "node");
  }

  @Test
  @DisplayName("RES-5 a resource that begins or ends one byte outside its parent is refused by it")
  void parentsBounds() {
    Resource node = node(0);
    for (String outside : List.of("2fff-3000", "6fff-7000", "2fff-6fff", "3000-7000")) {
      Resource wanted = Resource.of(range(outside), "new", MEM, ResourceDesc.NONE);
      assertThat(tree.requestResourceConflict(node, wanted))
          .as(outside)
          .hasValueSatisfying(conflict -> assertThat(conflict.isSameAs(node)).isTrue());
    }
    Resource wanted = Resource.of(NODE, "new", MEM, ResourceDesc.NONE);
    assertThat(tree.requestResourceConflict(node, wanted)).isEmpty();
    assertThat(shape()).isEqualTo("node[new]");
  }

  @Test
  @DisplayName("RES-7 three resources side by side: each is taken out alone, its neighbours stay")
  void neighbours() {
    for (String middle : List.of("left", "middle", "right")) {
      ResourceTreeEdgesTest fresh = new ResourceTreeEdgesTest();
      ResourceTree three = fresh.tree;
      Resource root = three.snapshot().root();
      List<Resource> added =
          List.of(
              Resource.of(range("2000-2fff"), "left", MEM, ResourceDesc.NONE),
              Resource.of(range("3000-6fff"), "middle", MEM, ResourceDesc.NONE),
              Resource.of(range("7000-7000"), "right", MEM, ResourceDesc.NONE));
      added.forEach(resource -> three.requestResource(root, resource));
      for (Resource resource : added) {
        if (middle.equals(resource.name())) {
          three.releaseResource(resource);
        }
      }
      assertThat(fresh.shape().split(" ")).hasSize(2).doesNotContain(middle);
    }
  }

  @ParameterizedTest(name = "{0} bytes from {1} to {2} beside {3}: {4}")
  @CsvSource({
    // a section is 0x8000000 bytes, and the lowest is never given (RES-11)
    "1, 0, 17ffffff, , 10000000",
    "8000000, 0, 17ffffff, , 10000000",
    "8000001, 0, 17ffffff, , ERANGE",
    "8000001, 0, 2fffffff, , 20000000",
    "8000000, 10000000, 17ffffff, , 10000000",
    "8000000, 10000001, 17ffffff, , ERANGE",
    "8000000, 10000000, 17fffffe, , ERANGE",
    "8000000, 0, fffffff, , ERANGE",
    // one byte of a resource takes its section
    "8000000, 0, 1fffffff, 17ffffff-17ffffff, 18000000",
    "8000000, 0, 1fffffff, 18000000-18000000, 10000000",
    "8000000, 0, 1fffffff, 1fffffff-1fffffff, 10000000",
    "8000000, 0, 1fffffff, 20000000-20000000, 18000000",
    "8000000, 0, 17ffffff, 10000000-10000000, ERANGE",
    // nothing is given beyond 2^46
    "8000000, 0, ffffffffffffffff, , 3ffff8000000",
    "8000000, 3ffff8000000, 400000000000, , 3ffff8000000",
    "8000000, 3ffff8000001, ffffffffffffffff, , ERANGE",
    "ffffffffffffffff, 0, ffffffffffffffff, , ERANGE",
  })
  @DisplayName("RES-11 a free range is whole sections, and the highest that fit")
  void freeRange(String size, String from, String to, String taken, String expected) {
    if (taken != null) {
      tree.insertResource(
          tree.snapshot().root(), Resource.of(range(taken), "taken", MEM, ResourceDesc.NONE));
    }
    PhysRange base = range(from + "-" + to);
    long bytes = Long.parseUnsignedLong(size, 16);
    if (expected.equals("ERANGE")) {
      assertThat(answer(() -> tree.requestFreeMemRegion(base, bytes, "free", range -> true)))
          .isEqualTo(Errno.ERANGE.name());
      assertThat(shape()).isEqualTo(taken == null ? "" : "taken");
    } else {
      Resource found = tree.requestFreeMemRegion(base, bytes, "free", range -> true);
      assertThat(Long.toHexString(found.range().start())).isEqualTo(expected);
      assertThat(found.range().sizeBytes()).isEqualTo((bytes + SECTION - 1) & -SECTION);
      assertThat(found.desc()).isEqualTo(ResourceDesc.DEVICE_PRIVATE_MEMORY);
    }
  }
}
