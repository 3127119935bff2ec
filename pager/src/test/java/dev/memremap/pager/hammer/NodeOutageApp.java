// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.hammer;

import dev.memremap.pager.Advice;
import dev.memremap.pager.RemoteMemory;
import dev.memremap.pager.RemoteMemoryException;
import dev.memremap.pager.store.StoreLocation;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Applications whose store has two nodes, of which one does not answer. */
public final class NodeOutageApp {
  private static final int PAGE = 4096;
  private static final int PAGES = 4096;
  private static final int RESIDENT = 256;
  private static final int RUN = 64;

  private NodeOutageApp() {}

  /**
   * Runs one.
   *
   * @param arguments which, the store, and what the files begin with by which it has an outage
   */
  public static void main(String... arguments) throws Exception {
    boolean isLong = arguments[0].equals("goes-on");
    try (RemoteMemory memory =
        RemoteMemory.open(
            StoreLocation.of(URI.create(arguments[1])),
            (long) PAGES * PAGE,
            RemoteMemory.resident((long) RESIDENT * PAGE),
            RemoteMemory.limit(isLong ? Duration.ofSeconds(100) : Duration.ofMillis(500)))) {
      memory.advise(0, memory.byteSize(), Advice.RANDOM);
      for (int i = 0; i < PAGES / 2; i++) {
        put(memory, pageOf(0, i), 1);
        put(memory, pageOf(1, i), 1);
      }
      memory.flush();
      if (isLong) {
        goesOn(memory, arguments[2]);
      } else {
        heals(memory, arguments[2]);
      }
    }
    System.out.println("closed");
  }

  /** The number of a node's page. */
  private static int pageOf(int node, int index) {
    return index / RUN * 2 * RUN + node * RUN + index % RUN;
  }

  /** A busy machine can need longer than the limit, and then the page is healed soon. */
  private static void put(RemoteMemory memory, int page, long version) throws InterruptedException {
    while (true) {
      try {
        memory.putLong((long) page * PAGE, page + version);
        return;
      } catch (RemoteMemoryException e) {
        Thread.sleep(20);
      }
    }
  }

  private static void isRead(RemoteMemory memory, int page, long version) {
    long read = memory.getLong((long) page * PAGE);
    if (read != page + version) {
      throw new AssertionError("page %d: %d".formatted(page, read - page));
    }
  }

  /** A third of memory is node 1's, and written to, when that node stops. */
  private static void goesOn(RemoteMemory memory, String files) throws Exception {
    for (int i = 0; i < RESIDENT / 3; i++) {
      put(memory, pageOf(1, i), 2);
    }
    Path hangs = Files.createFile(Path.of(files + ".hangs1"));
    Thread waits = Thread.ofPlatform().start(() -> readNatively(memory, pageOf(1, 500)));
    for (int i = 0; i < PAGES / 2; i++) {
      put(memory, pageOf(0, i), 3);
    }
    for (int i = 0; i < PAGES / 2; i++) {
      isRead(memory, pageOf(0, i), 3);
    }
    System.out.println(waits.isAlive() ? "still waiting" : "WRONG");
    Files.delete(hangs);
    waits.join();
    for (int i = 0; i < PAGES / 2; i++) {
      isRead(memory, pageOf(1, i), i < RESIDENT / 3 ? 2 : 1);
    }
    System.out.println("right");
  }

  /** Reads as native code does: while it waits, it holds up none of the JVM's safepoints. */
  @SuppressWarnings("restricted") // it calls a function of the C library
  private static void readNatively(RemoteMemory memory, int page) {
    MethodHandle strnlen =
        Linker.nativeLinker()
            .downcallHandle(
                Linker.nativeLinker().defaultLookup().findOrThrow("strnlen"),
                FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
    try {
      long length = (long) strnlen.invokeExact(memory.segment().asSlice((long) page * PAGE), 8L);
      if (length == 0) {
        throw new AssertionError("page " + page);
      }
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static void heals(RemoteMemory memory, String files) throws Exception {
    memory.advise(0, memory.byteSize(), Advice.DONT_NEED);
    while (memory.figures().resident() > 0) {
      Thread.onSpinWait();
    }
    Path hangs = Files.createFile(Path.of(files + ".hangs1"));
    Path fails = Files.createFile(Path.of(files + ".fails0"));
    for (int i = 0; i < 4; i++) {
      // the node that hangs is asked first
      isRefused(memory, pageOf(1, 100 + 3 * i));
      isRefused(memory, pageOf(0, 100 + 3 * i));
    }
    System.out.println("poisoned " + memory.figures().poisoned());
    Files.delete(fails);
    while (memory.figures().poisoned() > 4) {
      Thread.sleep(1);
    }
    for (int i = 0; i < 4; i++) {
      isRead(memory, pageOf(0, 100 + 3 * i), 1);
    }
    System.out.println("healed 4");
    System.out.println("still poisoned " + memory.figures().poisoned());
    Files.delete(hangs);
    while (memory.figures().poisoned() > 0) {
      Thread.sleep(1);
    }
    for (int i = 0; i < 4; i++) {
      isRead(memory, pageOf(1, 100 + 3 * i), 1);
    }
    System.out.println("right");
  }

  private static void isRefused(RemoteMemory memory, int page) {
    try {
      memory.getLong((long) page * PAGE);
      throw new AssertionError("page %d came during an outage".formatted(page));
    } catch (RemoteMemoryException e) {
      // as it has to be
    }
  }
}
