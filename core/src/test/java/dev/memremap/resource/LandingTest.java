// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.Seeds;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.internal.space.ResourceTree;
import dev.memremap.rule.MemremapException;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LandingTest {
  @Test
  @DisplayName("RES-8 where a request would land is where it lands, and is refused alike")
  void asCarriedOut() {
    int[] answers = {0, 0};
    Seeds.check(
        4_000,
        random -> {
          ResourceTree tree =
              ResourceTree.of(
                  RandomTrees.tree(random, 4), PageGeometry.X86_64, KernelRules.LINUX_6_1);
          long start = RandomTrees.addressNear(tree.snapshot().root(), random);
          long end = start + (random.nextLong() >>> random.nextInt(64));
          PhysRange range = new PhysRange(start, Long.compareUnsigned(end, start) < 0 ? -1 : end);
          ResourceSnapshot.Landing landing = tree.snapshot().landing(range);
          MemremapException refused =
              catchThrowableOfType(
                  MemremapException.class, () -> tree.requestRegion(range, "driver", 0));
          answers[refused == null ? 0 : 1]++;
          assertThat(landing.refusal())
              .isEqualTo(Optional.ofNullable(refused).map(MemremapException::refusal));
          if (refused == null) {
            assertThat(parentOf(tree.snapshot().root(), range).isSameAs(landing.parent())).isTrue();
          }
        });
    assertThat(answers[0]).as("granted").isGreaterThan(200);
    assertThat(answers[1]).as("refused").isGreaterThan(200);
  }

  /** What holds the region that the driver has now. */
  private static Resource parentOf(Resource node, PhysRange region) {
    for (Resource child : node.children()) {
      if (child.range().equals(region) && "driver".equals(child.name())) {
        return node;
      }
      if (child.range().contains(region)) {
        return parentOf(child, region);
      }
    }
    throw new AssertionError(region + " is not in " + node);
  }
}
