// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.space;

import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.rule.MemremapException;
import java.util.List;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;

/**
 * RES-8, RES-9: regions that overlap, requested and released at once. Of two requests in each
 * other's way one is granted, no change is lost, and a reader without a lock sees a whole tree.
 */
public class ResourceTreeModel {
  private static final List<PhysRange> RANGES =
      List.of(
          new PhysRange(0x1000, 0x1fff),
          new PhysRange(0x2000, 0x2fff),
          new PhysRange(0x1000, 0x2fff));

  private final ResourceTree tree =
      ResourceTree.of(Resource.memoryRoot(), PageGeometry.X86_64, KernelRules.LINUX_6_1);

  /** A tree in which nothing lies. */
  public ResourceTreeModel() {}

  /** Requests a region; whether it was granted. */
  @Operation
  public boolean request(@Param(gen = IntGen.class, conf = "0:2") int which) {
    try {
      tree.requestRegion(RANGES.get(which), "region " + which, 0);
      return true;
    } catch (MemremapException busy) {
      return false;
    }
  }

  /** Releases a region; whether there was one. */
  @Operation
  public boolean release(@Param(gen = IntGen.class, conf = "0:2") int which) {
    try {
      tree.releaseRegion(RANGES.get(which));
      return true;
    } catch (MemremapException absent) {
      return false;
    }
  }

  /** What lies in the tree, in order. */
  @Operation
  public String read() {
    ResourceSnapshot snapshot = tree.snapshot();
    StringBuilder names = new StringBuilder();
    for (Resource child : snapshot.root().children()) {
      names.append(child.name()).append(' ');
    }
    return names.toString();
  }
}
