// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

import dev.memremap.pager.internal.sys.Descriptor;
import dev.memremap.pager.internal.sys.Native;
import dev.memremap.pager.internal.sys.UnixSocket;
import dev.memremap.pager.internal.sys.Userfault;
import dev.memremap.pager.store.FileStore;
import dev.memremap.pager.store.PageStore;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/** The loop of the peer in C, in Java: it reads the store, and copies. It has no page map. */
public final class BareServer {
  private static final int PAGE = 4096;

  private BareServer() {}

  /**
   * Serves until it is killed.
   *
   * @param words the socket, the address of the memory, the store, and how many pages it has
   */
  public static void main(String... words) throws Exception {
    Descriptor faults;
    try (UnixSocket parent = UnixSocket.connect(Native.calls(), Path.of(words[0]))) {
      faults = parent.receive(List.of("userfaultfd")).getFirst();
    }
    long base = Long.parseLong(words[1]);
    Userfault userfault = new Userfault(faults, Userfault.Scope.USER, false);
    try (PageStore store = FileStore.at(Path.of(words[2])).open(Long.parseLong(words[3]), PAGE)) {
      serve(userfault, store, base);
    }
  }

  private static void serve(Userfault userfault, PageStore store, long base) throws Exception {
    MemorySegment events = Arena.global().allocate(16L * Userfault.EVENT_BYTES, 64);
    MemorySegment room = Arena.global().allocate(PAGE, PAGE);
    while (true) {
      long read = userfault.read(events);
      for (long at = 0; at < read; at += Userfault.EVENT_BYTES) {
        long address = Userfault.address(events, at) & -PAGE;
        MemorySegment found = store.read((address - base) / PAGE, 1, room);
        if (userfault.copy(address, found.address(), PAGE, true) <= 0) {
          userfault.wake(address, PAGE);
        }
      }
    }
  }
}
