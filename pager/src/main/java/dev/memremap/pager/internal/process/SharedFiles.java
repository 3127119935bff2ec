// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.process;

import dev.memremap.pager.internal.sys.Descriptor;
import java.util.List;

/**
 * What each process of a remote memory holds, and hands to those that it starts.
 *
 * @param userfault tells of faults
 * @param memory what the application's memory is a mapping of
 * @param state the state of its pages
 */
public record SharedFiles(Descriptor userfault, Descriptor memory, Descriptor state)
    implements AutoCloseable {
  static final List<String> NAMES = List.of("userfaultfd", "memfd:memory", "memfd:state");

  static SharedFiles of(List<Descriptor> all) {
    return new SharedFiles(all.get(0), all.get(1), all.get(2));
  }

  List<Descriptor> all() {
    return List.of(userfault, memory, state);
  }

  @Override
  public void close() {
    all().forEach(Descriptor::close);
  }
}
