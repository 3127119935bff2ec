// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.ResourceKind;
import dev.memremap.resource.ResourceSnapshot;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A memory map: a machine file or a {@code /proc/iomem}, strict or as it was pasted, or another
 * list of memory.
 */
final class MapFile {
  private MapFile() {}

  /**
   * Reads a machine.
   *
   * @throws IllegalArgumentException if the text holds none; the sentence names file and line
   */
  static MachineDescription read(FileText file, Remarks remarks) {
    IllegalArgumentException notStrict;
    try {
      MachineDescription machine = MachineDescription.parse(file.text(), file.name());
      if (!file.isEnded() || !file.repairs().isEmpty() || hasCutName(machine)) {
        PastedMap.in(file).ifPresent(map -> map.remark(remarks));
      }
      return machine;
    } catch (IllegalArgumentException e) {
      notStrict = e;
    }
    Optional<PastedMap> pasted = PastedMap.in(file);
    if (pasted.isPresent()) {
      pasted.get().remark(remarks);
      return pasted.get().machine();
    }
    Optional<ListedMemory> listed = list(file, remarks);
    if (listed.isPresent()) {
      return listed.get().machine(file.name());
    }
    throw notStrict;
  }

  private static Optional<ListedMemory> list(FileText file, Remarks remarks) {
    Optional<E820Log> e820 = E820Log.in(file);
    if (e820.isPresent()) {
      e820.get().remark(remarks);
      return e820.map(E820Log::memory);
    }
    Optional<EfiLog> efi = EfiLog.in(file);
    if (efi.isPresent()) {
      efi.get().remark(remarks);
      return efi.map(EfiLog::memory);
    }
    Optional<ListedMemory> blocks = LsmemList.in(file);
    blocks.ifPresent(
        list ->
            remarks.list(
                file.name(),
                "read as a machine: %d ranges of lsmem; it lists whole blocks of memory, and neither holes in them nor devices"
                    .formatted(list.ranges().size())));
    return blocks;
  }

  private static boolean hasCutName(MachineDescription machine) {
    AtomicBoolean cut = new AtomicBoolean();
    new ResourceSnapshot(machine.root())
        .walk((resource, depth) -> cut.compareAndSet(false, isCut(resource.name())));
    return cut.get();
  }

  private static boolean isCut(@Nullable String name) {
    return name != null && ResourceKind.isBeginning(name);
  }
}
