// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Seeds;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.internal.space.ResourceTree;
import dev.memremap.vectors.Maps;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ResourceSnapshotTest {
  private final ResourceSnapshot m = Maps.m().snapshot();

  @Test
  @DisplayName("RES-12 what a request spans without being busy is named, by whole pages")
  void sanityCheck() {
    assertThat(m.sanityCheck(new PhysRange(0xcffff000L, 0xd0000fffL), 4096))
        .hasValue(
            "the request for 0xcffff000-0xd0000fff spans more than d0000000-dfffffff :"
                + " 0000:00:02.0");
    assertThat(m.sanityCheck(new PhysRange(0xd0000000L, 0xd00fffffL), 4096)).isEmpty();
    assertThat(m.sanityCheck(new PhysRange(0x7ffff000L, 0x80000fffL), 4096))
        .as("System RAM is busy")
        .isEmpty();
    assertThat(m.sanityCheck(new PhysRange(0x80000000L, 0x80000fffL), 4096)).as("a hole").isEmpty();
    assertThat(m.sanityCheck(new PhysRange(0xd0000000L, 0xffffffffL), 4096))
        .hasValueSatisfying(warning -> assertThat(warning).contains("PCI Bus 0000:00"));
    ResourceTree odd =
        ResourceTree.of(Resource.memoryRoot(), PageGeometry.X86_64, KernelRules.LINUX_6_1);
    odd.requestResource(
        odd.snapshot().root(),
        Resource.of(new PhysRange(0x1800, 0x27ff), "odd", ResourceFlags.MEM, ResourceDesc.NONE));
    assertThat(odd.snapshot().sanityCheck(new PhysRange(0x1000, 0x2fff), 4096))
        .as("page frames count, not bytes")
        .isEmpty();
    assertThat(odd.snapshot().sanityCheck(new PhysRange(0x1000, 0x3000), 4096)).isPresent();
  }

  @Test
  @DisplayName("WK-1 the next resource of a type is cut to the range, and one byte finds nothing")
  void findNext() {
    long ram = ResourceFlags.SYSTEM_RAM | ResourceFlags.BUSY;
    assertThat(m.findNext(0x9f000, 0x1fffff, ram, ResourceDesc.NONE))
        .contains(new PhysRange(0x9f000, 0x9fbff));
    assertThat(m.findNext(0x9fc00, 0x1fffff, ram, ResourceDesc.NONE))
        .contains(new PhysRange(0x100000, 0x1fffff));
    assertThat(m.findNext(0x200000, 0x200000, ram, ResourceDesc.NONE)).isEmpty();
    assertThat(m.findNext(0x200001, 0x200000, ram, ResourceDesc.NONE)).isEmpty();
    assertThat(m.findNext(0x200000, 0x200001, ram, ResourceDesc.NONE))
        .contains(new PhysRange(0x200000, 0x200001));
    assertThat(m.findNext(0x1f0000000L, -1, ram, ResourceDesc.NONE))
        .as("RAM inside the window is seen")
        .contains(new PhysRange(0x200000000L, 0x23fffffffL));
    assertThat(m.findNext(0, -1, ResourceFlags.MEM, ResourceDesc.PERSISTENT_MEMORY_LEGACY))
        .contains(new PhysRange(0x180000000L, 0x1bfffffffL));
    assertThat(m.findNext(0, -1, ResourceFlags.MEM, ResourceDesc.SOFT_RESERVED)).isEmpty();
  }

  @Test
  @DisplayName("WK-2 a walk of System RAM gives whole pages, in RAM below windows too")
  void walkSystemRam() {
    assertThat(walked(m, 0, (1L << 52) - 1))
        .containsExactly(
            new PhysRange(0x1000, 0x9efff),
            new PhysRange(0x100000, 0x7fffffff),
            new PhysRange(0x100000000L, 0x13fffffffL),
            new PhysRange(0x1c0000000L, 0x1c3ffffffL),
            new PhysRange(0x200000000L, 0x23fffffffL));
    assertThat(walked(m, 0x9e, 0x9f)).containsExactly(new PhysRange(0x9e000, 0x9efff));
    assertThat(walked(m, 0x9f, 0x9f)).as("a page that RAM fills in part").isEmpty();
    assertThat(walked(m, 0x1000, 0x1000)).containsExactly(new PhysRange(0x1000000, 0x1000fff));
    List<PhysRange> one = new ArrayList<>();
    m.walkSystemRam(
        new PhysRange(0, -1),
        4096,
        run -> {
          one.add(run);
          return false;
        });
    assertThat(one).as("a visitor can end the walk").hasSize(1);
  }

  @Test
  @DisplayName("WK-2 WK-3 the walk wants RAM that is busy, region_intersects does not")
  void idleRam() {
    PhysRange range = new PhysRange(0x1000, 0x1fff);
    ResourceTree tree =
        ResourceTree.of(Resource.memoryRoot(), PageGeometry.X86_64, KernelRules.LINUX_6_1);
    tree.requestResource(
        tree.snapshot().root(),
        Resource.of(range, "System RAM", ResourceFlags.SYSTEM_RAM, ResourceDesc.NONE));
    assertThat(walked(tree.snapshot(), 0, 100)).isEmpty();
    assertThat(
            tree.snapshot()
                .regionIntersects(0x1000, 1, ResourceFlags.SYSTEM_RAM, ResourceDesc.NONE))
        .isEqualTo(Intersection.INTERSECTS);
    assertThat(tree.snapshot().systemRamRunAt(0x1000)).contains(range);
  }

  @Test
  @DisplayName("RAM that adjoins is one run, whatever it lies in")
  void runs() {
    assertThat(m.systemRamRuns())
        .containsExactly(
            new PhysRange(0x1000, 0x9fbff),
            new PhysRange(0x100000, 0x7fffffff),
            new PhysRange(0x100000000L, 0x13fffffffL),
            new PhysRange(0x1c0000000L, 0x1c3ffffffL),
            new PhysRange(0x200000000L, 0x23fffffffL));
    assertThat(Maps.k().snapshot().systemRamRuns())
        .containsExactly(
            PhysRange.of(Maps.K_BASE, 1 << 20), PhysRange.of(Maps.K_BASE + (3 << 20), 3 << 20));
    assertThat(m.isCoveredBySystemRam(new PhysRange(0x100000, 0x7fffffff))).isTrue();
    assertThat(m.isCoveredBySystemRam(new PhysRange(0x100000, 0x80000000L))).isFalse();
    assertThat(m.isCoveredBySystemRam(new PhysRange(0xfffff, 0x100000))).isFalse();
    ResourceTree top =
        ResourceTree.of(Resource.memoryRoot(), PageGeometry.X86_64, KernelRules.LINUX_6_1);
    top.requestResource(
        top.snapshot().root(),
        Resource.of(
            new PhysRange(-0x1000, -1), "System RAM", ResourceFlags.SYSTEM_RAM, ResourceDesc.NONE));
    top.requestResource(
        top.snapshot().root(),
        Resource.of(
            new PhysRange(0, 0xfff), "System RAM", ResourceFlags.SYSTEM_RAM, ResourceDesc.NONE));
    assertThat(top.snapshot().systemRamRuns())
        .as("the last address does not adjoin the first")
        .hasSize(2);
  }

  @Test
  @DisplayName("the way down to an address is given outermost first")
  void pathTo() {
    assertThat(m.pathTo(0xd0000000L))
        .extracting(Resource::name)
        .containsExactly("PCI Bus 0000:00", "0000:00:02.0", "simplefb");
    assertThat(m.pathTo(0x80000000L)).isEmpty();
    assertThat(m.pathTo(-1)).isEmpty();
  }

  @Test
  @DisplayName("RES-12 WK-1 WK-2 any tree is walked as the rules' plain words do")
  void againstThePlainRules() {
    Seeds.check(
        600,
        random -> {
          Resource root = RandomTrees.tree(random, 5);
          ResourceSnapshot snapshot = new ResourceSnapshot(root);
          for (int i = 0; i < 20; i++) {
            compare(root, snapshot, random);
          }
        });
  }

  private static void compare(Resource root, ResourceSnapshot snapshot, RandomGenerator random) {
    String map = IomemText.format(root);
    long start = RandomTrees.addressNear(root, random);
    long end = RandomTrees.addressNear(root, random);
    long ram = ResourceFlags.SYSTEM_RAM | ResourceFlags.BUSY;
    assertThat(snapshot.findNext(start, end, ram, ResourceDesc.NONE))
        .as("0x%x-0x%x in\n%s", start, end, map)
        .isEqualTo(PlainRules.findNext(root, start, end, ram, ResourceDesc.NONE));
    assertThat(snapshot.systemRamRunAt(start).isPresent())
        .as("0x%x in\n%s", start, map)
        .isEqualTo(
            PlainRules.descendants(root).stream()
                .anyMatch(node -> node.isSystemRam() && node.range().contains(start)));
    if (Long.compareUnsigned(start, end) <= 0) {
      PhysRange range = new PhysRange(start, end);
      assertThat(snapshot.sanityCheck(range, 4096).isPresent())
          .as("%s in\n%s", range, map)
          .isEqualTo(PlainRules.spansSomethingIdle(root, range));
      assertThat(snapshot.systemRamRunsIn(range))
          .as("%s in\n%s", range, map)
          .isEqualTo(snapshot.systemRamRuns().stream().filter(run -> run.overlaps(range)).toList());
      assertThat(walked(snapshot, range.firstPfn(4096), range.lastPfn(4096)))
          .as("%s in\n%s", range, map)
          .isEqualTo(PlainRules.walkSystemRam(root, range.firstPfn(4096), range.lastPfn(4096)));
    }
  }

  private static List<PhysRange> walked(ResourceSnapshot snapshot, long firstPfn, long lastPfn) {
    List<PhysRange> runs = new ArrayList<>();
    snapshot.walkSystemRam(PhysRange.ofPfns(firstPfn, lastPfn, 4096), 4096, runs::add);
    return runs;
  }
}
