// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Seeds;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.internal.space.ResourceTree;
import dev.memremap.rule.MemremapException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ResourceTreePropertyTest {
  @Test
  @DisplayName(
      "RES-1 whatever is done, siblings are sorted, never overlap, and lie in their parent")
  void siblingsNeverOverlap() {
    int[] outcomes = new int[2];
    Seeds.check(
        400,
        random -> {
          ResourceTree tree =
              ResourceTree.of(
                  RandomTrees.tree(random, 4), PageGeometry.X86_64, KernelRules.LINUX_6_1);
          for (int step = 0; step < 30; step++) {
            ResourceSnapshot before = tree.snapshot();
            try {
              anything(tree, random);
              outcomes[0]++;
            } catch (MemremapException e) {
              outcomes[1]++;
              assertThat(tree.snapshot()).as("the tree after a refusal").isSameAs(before);
            }
            checkNesting(tree.snapshot().root());
          }
        });
    assertThat(outcomes[0]).as("changes that were made").isGreaterThan(2000);
    assertThat(outcomes[1]).as("changes that were refused").isGreaterThan(2000);
  }

  private static void anything(ResourceTree tree, RandomGenerator random) {
    Resource root = tree.snapshot().root();
    PhysRange range = rangeNear(root, random);
    Resource wanted = Resource.of(range, "new", ResourceFlags.MEM, ResourceDesc.NONE);
    switch (random.nextInt(7)) {
      case 0 -> tree.requestResource(node(root, random), wanted);
      case 1 -> tree.insertResource(node(root, random), wanted);
      case 2 -> tree.requestRegion(range, "driver", 0);
      case 3 -> tree.releaseRegion(node(root, random).range());
      case 4 -> tree.removeResource(node(root, random));
      case 5 -> tree.releaseResource(node(root, random));
      default ->
          tree.requestFreeMemRegion(range, 1L << random.nextInt(20, 40), "private", hole -> true);
    }
  }

  private static Resource node(Resource root, RandomGenerator random) {
    List<Resource> nodes = PlainRules.descendants(root);
    return nodes.isEmpty() || random.nextInt(8) == 0
        ? root
        : nodes.get(random.nextInt(nodes.size()));
  }

  private static PhysRange rangeNear(Resource root, RandomGenerator random) {
    long a = RandomTrees.addressNear(root, random);
    long b = random.nextInt(3) == 0 ? a : RandomTrees.addressNear(root, random);
    return Long.compareUnsigned(a, b) <= 0 ? new PhysRange(a, b) : new PhysRange(b, a);
  }

  private static void checkNesting(Resource parent) {
    PhysRange last = null;
    for (Resource child : parent.children()) {
      assertThat(parent.range().contains(child.range())).as("%s in %s", child, parent).isTrue();
      if (last != null) {
        assertThat(Long.compareUnsigned(last.endInclusive(), child.range().start()))
            .as("%s before %s", last, child)
            .isNegative();
      }
      last = child.range();
      checkNesting(child);
    }
  }

  @Test
  @DisplayName(
      "RES-8 RES-9 a region is granted as the rule's plain words say, and its release undoes it")
  void requestAndRelease() {
    int[] granted = new int[2];
    Seeds.check(
        1500,
        random -> {
          ResourceTree tree =
              ResourceTree.of(
                  RandomTrees.tree(random, 4), PageGeometry.X86_64, KernelRules.LINUX_6_1);
          Resource root = tree.snapshot().root();
          String before = IomemText.format(root);
          PhysRange range = rangeNear(root, random);
          Resource home = PlainRules.homeOfRegion(root, range);
          granted[home == null ? 0 : 1]++;
          Resource region;
          try {
            region = tree.requestRegion(range, "driver", 0);
          } catch (MemremapException e) {
            assertThat(home).as("where %s goes in\n%s", range, before).isNull();
            return;
          }
          assertThat(home).as("where %s goes in\n%s", range, before).isNotNull();
          assertThat(region.desc()).isEqualTo(home.desc());
          assertThat(region.isSystemRam()).isEqualTo(home.isSystemRam());
          assertThat(region.isBusy()).isTrue();
          assertThat(tree.snapshot().pathTo(range.start()).getLast().isSameAs(region)).isTrue();
          if (random.nextBoolean()) {
            tree.releaseRegion(range);
          } else {
            tree.releaseResource(region);
          }
          assertThat(IomemText.format(tree.snapshot().root())).isEqualTo(before);
        });
    assertThat(granted[0]).as("requests refused").isGreaterThan(100);
    assertThat(granted[1]).as("requests granted").isGreaterThan(100);
  }

  @Test
  @DisplayName("RES-6 RES-7 an insert keeps everything that was there, and its removal undoes it")
  void insertAndRemove() {
    int[] inserted = new int[1];
    Seeds.check(
        1500,
        random -> {
          ResourceTree tree =
              ResourceTree.of(
                  RandomTrees.tree(random, 4), PageGeometry.X86_64, KernelRules.LINUX_6_1);
          Resource root = tree.snapshot().root();
          String before = IomemText.format(root);
          Resource wanted =
              Resource.of(rangeNear(root, random), "new", ResourceFlags.MEM, ResourceDesc.NONE);
          boolean crossed =
              PlainRules.descendants(root).stream()
                  .map(Resource::range)
                  .anyMatch(
                      range ->
                          range.overlaps(wanted.range())
                              && !range.contains(wanted.range())
                              && !wanted.range().contains(range));
          boolean conflict = tree.insertResourceConflict(root, wanted).isPresent();
          assertThat(conflict).as("%s crosses something in\n%s", wanted, before).isEqualTo(crossed);
          if (!conflict) {
            inserted[0]++;
            List<Resource> now = new ArrayList<>(PlainRules.descendants(tree.snapshot().root()));
            assertThat(now.removeIf(wanted::isSameAs)).isTrue();
            assertThat(now).hasSameSizeAs(PlainRules.descendants(root));
            tree.removeResource(wanted);
          }
          assertThat(IomemText.format(tree.snapshot().root())).isEqualTo(before);
        });
    assertThat(inserted[0]).as("resources inserted").isGreaterThan(100);
  }

  @Test
  @DisplayName("a reader beside writers sees whole trees, and no request is lost")
  void readersBesideWriters() throws Exception {
    ResourceTree tree =
        ResourceTree.of(Resource.memoryRoot(), PageGeometry.X86_64, KernelRules.LINUX_6_1);
    AtomicBoolean done = new AtomicBoolean();
    // not the common pool: on two processors its one thread would read for ever
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      Future<?> reader =
          threads.submit(
              () -> {
                while (!done.get()) {
                  checkNesting(tree.snapshot().root());
                }
              });
      Future<?> even = threads.submit(() -> requestPages(tree, 0));
      Future<?> odd = threads.submit(() -> requestPages(tree, 1));
      try {
        even.get();
        odd.get();
      } finally {
        done.set(true);
      }
      reader.get();
    }
    assertThat(tree.snapshot().root().children())
        .hasSize(1000)
        .allSatisfy(child -> assertThat(child.name()).isEqualTo("kept"));
  }

  /** Takes every second page, and one below the top that is given back at once. */
  private static void requestPages(ResourceTree tree, long first) {
    for (long page = first; page < 1000; page += 2) {
      PhysRange given = PhysRange.of(-((page + 1) << 12), 1);
      tree.requestRegion(PhysRange.of(page << 12, 0x1000), "kept", 0);
      tree.requestRegion(given, "given", 0);
      tree.releaseRegion(given);
    }
  }
}
