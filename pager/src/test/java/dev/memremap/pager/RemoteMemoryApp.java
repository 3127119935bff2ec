// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import dev.memremap.pager.store.StoreLocation;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** Applications for {@link RemoteMemoryTest}, each in a JVM of its own: their faults hold it. */
public final class RemoteMemoryApp {
  private static final int PAGE = 4096;
  private static final int PAGES = 512;
  private static final int RESIDENT = 64;

  private RemoteMemoryApp() {}

  /**
   * Runs one.
   *
   * @param arguments which, and the store
   */
  public static void main(String... arguments) throws Throwable {
    StoreLocation store = StoreLocation.of(URI.create(arguments[1]));
    switch (arguments[0]) {
      case "contents" -> contents(store);
      case "pins" -> pins(store);
      case "pins-closed-at-takeover" -> pinsClosedAtTakeover(store);
      case "residence" -> residence(store);
      case "dies" -> dies(store);
      case "dies-keeping" -> dies(store, RemoteMemory.keepUnflushed());
      case "abandons" -> abandons(store, Path.of(arguments[2]));
      case "two" -> two(store, StoreLocation.of(URI.create(arguments[2])));
      case "virtual" -> virtual(store);
      case "children" -> children(store);
      case "interrupted" -> interrupted(store);
      case "hints" -> hints(store);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
    System.out.println("done");
  }

  private static RemoteMemory open(StoreLocation store, RemoteMemoryOption... more) {
    List<RemoteMemoryOption> all = new ArrayList<>(List.of(more));
    all.add(RemoteMemory.resident(RESIDENT * PAGE));
    return RemoteMemory.open(store, PAGES * PAGE, all.toArray(new RemoteMemoryOption[0]));
  }

  private static void check(boolean is, String what) {
    if (!is) {
      throw new AssertionError(what);
    }
  }

  /** Each method that needs the memory says that it is closed; others answer. */
  private static void requireSaysClosed(RemoteMemory memory) {
    MemorySegment room = Arena.ofAuto().allocate(PAGE);
    List<Runnable> uses =
        List.of(
            () -> memory.getByte(0),
            () -> memory.getInt(0),
            () -> memory.getLong(0),
            () -> memory.putByte(0, (byte) 1),
            () -> memory.putInt(0, 1),
            () -> memory.putLong(0, 1),
            () -> memory.read(0, room),
            () -> memory.write(0, room),
            () -> memory.touch(0, 1),
            () -> memory.pin(0, 1),
            () -> memory.preload(0, 1),
            () -> memory.advise(0, 1, Advice.WILL_NEED),
            () -> memory.advise(0, 1, Advice.RANDOM),
            memory::flush,
            () -> memory.snapshot("late"),
            memory::figures);
    String sentence = "the remote memory of %s is closed; open it again".formatted(memory.store());
    for (Runnable use : uses) {
      try {
        use.run();
        throw new AssertionError("use %d of a closed memory".formatted(uses.indexOf(use)));
      } catch (IllegalStateException e) {
        check(sentence.equals(e.getMessage()), e.getMessage());
      }
    }
    check(memory.byteSize() == PAGES * PAGE && memory.segment().byteSize() != 0, "its size");
    memory.abandon();
  }

  /** What is closed, or null, may be what an access was given: then that is said. */
  private static void requireSaysWhichIsClosed(RemoteMemory memory) {
    MemorySegment closed;
    try (Arena arena = Arena.ofConfined()) {
      closed = arena.allocate(8);
    }
    try {
      memory.read(0, closed);
      throw new AssertionError("read into a closed segment");
    } catch (IllegalStateException e) {
      check("Already closed".equals(e.getMessage()), e.getMessage());
    }
    try {
      memory.advise(0, 1, null);
      throw new AssertionError("no advice");
    } catch (NullPointerException e) {
      check("advice".equals(e.getMessage()), e.getMessage());
    }
  }

  private static void contents(StoreLocation store) {
    RemoteMemory memory = open(store);
    MemorySegment all = memory.segment();
    check(all.byteSize() == PAGES * PAGE && all.address() % PAGE == 0, "its size");
    for (long at = 0; at < all.byteSize(); at += 8) {
      check(all.get(ValueLayout.JAVA_LONG, at) == 0, "zeros at " + at);
    }
    for (int page = 0; page < PAGES; page++) {
      memory.putLong(page * PAGE + 8L, page + 1L);
      memory.putInt(page * PAGE + 3_001L, -page);
      memory.putByte(page * PAGE + 4_095L, (byte) page);
    }
    requireSaysWhichIsClosed(memory);
    MemorySegment across = Arena.ofAuto().allocate(3 * PAGE).fill((byte) 0x5a);
    memory.write(7 * PAGE + 100, across);
    memory.close();
    memory.close();
    try {
      all.get(ValueLayout.JAVA_BYTE, 0);
      throw new AssertionError("the segment of a closed memory");
    } catch (IllegalStateException e) {
      System.out.println("closed: " + e.getMessage());
    }
    requireSaysClosed(memory);
    try (RemoteMemory again = open(store)) {
      for (int page = 0; page < PAGES; page++) {
        if (page < 7 || page > 10) {
          check(again.getLong(page * PAGE + 8L) == page + 1L, "long of " + page);
          check(again.getInt(page * PAGE + 3_001L) == -page, "int of " + page);
          check(again.getByte(page * PAGE + 4_095L) == (byte) page, "byte of " + page);
          check(again.getLong(page * PAGE + 16L) == 0, "zeros of " + page);
        }
      }
      MemorySegment read = Arena.ofAuto().allocate(3 * PAGE);
      again.read(7 * PAGE + 100, read);
      check(read.mismatch(across) == -1, "what was written across pages");
    }
  }

  /** A thread of a pool that was shut down opens and closes as any other, and stays interrupted. */
  private static void interrupted(StoreLocation store) {
    Thread.currentThread().interrupt();
    try (RemoteMemory memory = open(store)) {
      check(Thread.currentThread().isInterrupted(), "open keeps the interrupt");
      memory.putLong(8, 42);
    }
    check(Thread.currentThread().isInterrupted(), "close keeps the interrupt");
    try (RemoteMemory again = open(store)) {
      check(again.getLong(8) == 42, "it was flushed");
      Thread thread = Thread.currentThread();
      Thread.interrupted();
      Thread.ofPlatform().daemon().start(() -> interruptAlways(thread));
    }
    check(isThere(store), "and is closed, so that it can be opened again");
  }

  private static void interruptAlways(Thread thread) {
    while (true) {
      thread.interrupt();
      Thread.onSpinWait();
    }
  }

  private static boolean isThere(StoreLocation store) {
    try (RemoteMemory again = open(store)) {
      return again.getLong(8) == 42;
    }
  }

  private static void hints(StoreLocation store) {
    try (RemoteMemory memory = open(store)) {
      for (int i = 0; i < 300_000; i++) {
        memory.advise((i % PAGES) * (long) PAGE, PAGE, Advice.WILL_NEED);
      }
      memory.touch(0, PAGE).close();
    }
  }

  private static void pins(StoreLocation store) {
    try (RemoteMemory memory = open(store)) {
      Pin pin = memory.touch(3 * PAGE + 17, PAGE);
      check(pin.offset() == 3 * PAGE && pin.bytes() == 2 * PAGE, pin.toString());
      Pin same = memory.pin(4 * PAGE, 1);
      check(memory.figures().pinned() == 2, "two pages are pinned");
      Pin most = memory.touch(100 * PAGE, (RESIDENT - RESIDENT / 8 - 2) * (long) PAGE);
      try {
        memory.touch(300 * PAGE, PAGE).close();
        throw new AssertionError("more than 7 of 8 pinned");
      } catch (RemoteMemoryException e) {
        System.out.println("refused: " + e.getMessage());
      }
      long faults = memory.figures().faults();
      for (int page = 0; page < PAGES; page++) {
        memory.getByte((long) page * PAGE); // a scan, which evicts all but what is pinned
      }
      long before = memory.figures().faults();
      check(before > faults, "the scan faults");
      for (long at = most.offset(); at < most.offset() + most.bytes(); at += PAGE) {
        memory.getByte(at);
      }
      memory.getByte(3 * PAGE);
      check(memory.figures().faults() == before, "pinned pages are in memory");
      pin.close();
      pin.close();
      awaitPinned(memory, RESIDENT - RESIDENT / 8 - 1);
      same.close();
      most.close();
      awaitPinned(memory, 0);
      for (long[] bad :
          new long[][] {{-1, 1}, {0, PAGES * PAGE + 1L}, {PAGES * PAGE, 1}, {0, -1}}) {
        try {
          memory.touch(bad[0], bad[1]).close();
          throw new AssertionError("outside");
        } catch (IndexOutOfBoundsException e) {
          // so it is promised
        }
      }
    }
  }

  /** Closes pins one after the other while the next worker is told of them. */
  private static void pinsClosedAtTakeover(StoreLocation store) throws InterruptedException {
    int count = 3_000;
    try (RemoteMemory memory =
        RemoteMemory.open(store, 2L * count * PAGE, RemoteMemory.resident(3L * count / 2 * PAGE))) {
      List<Pin> pins = new ArrayList<>();
      for (int page = 0; page < count; page++) {
        pins.add(memory.touch((long) page * PAGE, 1));
      }
      Pin kept = pins.removeFirst();
      System.out.println("ready");
      while (memory.figures().takeovers() == 0) {
        Thread.sleep(1);
      }
      for (Pin pin : pins) {
        pin.close();
        for (long until = System.nanoTime() + 50_000; System.nanoTime() < until; ) {
          Thread.onSpinWait();
        }
      }
      awaitPinned(memory, 1);
      kept.close();
      awaitPinned(memory, 0);
    }
  }

  private static void awaitPinned(RemoteMemory memory, long pinned) {
    while (memory.figures().pinned() != pinned) {
      Thread.onSpinWait();
    }
  }

  private static void residence(StoreLocation store) {
    try (RemoteMemory memory = open(store)) {
      check(memory.preload(0, 10 * PAGE) == 10 * PAGE, "ten pages come in");
      check(memory.preload(0, 12 * PAGE) == 2 * PAGE, "those that are there are not counted");
      long faults = memory.figures().faults();
      memory.getByte(9 * PAGE);
      check(memory.figures().faults() == faults, "no fault");
      memory.putLong(5 * PAGE, 77);
      memory.advise(0, 12 * PAGE, Advice.DONT_NEED);
      while (memory.figures().resident() != 0) {
        Thread.onSpinWait();
      }
      check(memory.figures().dirty() == 0, "what was stored went to the store");
      check(memory.getLong(5 * PAGE) == 77, "and comes back");
      check(memory.figures().faults() == faults + 1, "by a fault");
      check(memory.preload(0, PAGES * PAGE) <= RESIDENT * PAGE, "no more than may be in memory");
    }
  }

  private static void dies(StoreLocation store, RemoteMemoryOption... options)
      throws InterruptedException {
    RemoteMemory memory = open(store, options);
    for (int page = 0; page < PAGES; page++) {
      memory.putLong((long) page * PAGE, page + 1L);
    }
    memory.flush();
    for (int page = 0; page < PAGES; page++) {
      memory.putLong((long) page * PAGE + 8, page + 1L);
    }
    System.out.println("ready");
    Thread.sleep(Duration.ofHours(1));
  }

  private static void abandons(StoreLocation store, Path outage) throws IOException {
    RemoteMemory memory = open(store, RemoteMemory.limit(Duration.ofMillis(500)));
    memory.putLong(0, 1);
    Files.createFile(outage);
    try {
      memory.close();
      throw new AssertionError("closed during an outage");
    } catch (RemoteMemoryException e) {
      System.out.println("refused: " + e.getMessage());
    }
    check(memory.segment().get(ValueLayout.JAVA_LONG, 0) == 1, "it is still open");
    memory.abandon();
    memory.abandon();
    memory.close();
  }

  private static void two(StoreLocation first, StoreLocation second) {
    try (RemoteMemory one = open(first);
        RemoteMemory two = open(second)) {
      for (int page = 0; page < PAGES; page++) {
        one.putLong((long) page * PAGE, page);
        two.putLong((long) page * PAGE, -page);
      }
      for (int page = 0; page < PAGES; page++) {
        check(one.getLong((long) page * PAGE) == page, "the first one's " + page);
        check(two.getLong((long) page * PAGE) == -page, "the second one's " + page);
      }
      two.close();
      check(one.getLong(5 * PAGE) == 5, "one goes on without the other");
    }
  }

  private static void virtual(StoreLocation store) throws Exception {
    Path recorded = Files.createTempFile("pinned", ".jfr");
    try (RemoteMemory memory = open(store);
        Recording recording = new Recording()) {
      touchOnce(memory, 0); // classes are loaded, which pins
      recording.enable("jdk.VirtualThreadPinned").withoutThreshold();
      recording.start();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        int number = i;
        threads.add(Thread.ofVirtual().start(() -> touchOnce(memory, number)));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      recording.stop();
      recording.dump(recorded);
    }
    long pinned =
        RecordingFile.readAllEvents(recorded).stream()
            .filter(event -> event.getEventType().getName().equals("jdk.VirtualThreadPinned"))
            .filter(RemoteMemoryApp::waitsForPager)
            .peek(System.out::println)
            .count();
    Files.delete(recorded);
    System.out.println("pinned carriers: " + pinned + ", touched: " + touched.get());
  }

  /** The JDK itself pins a carrier where it loads or initialises a class, as a refusal may. */
  private static boolean waitsForPager(RecordedEvent event) {
    return event.getStackTrace() != null
        && event.getStackTrace().getFrames().stream()
            .anyMatch(
                frame ->
                    frame
                        .getMethod()
                        .getType()
                        .getName()
                        .equals("java.util.concurrent.CompletableFuture"));
  }

  private static final java.util.concurrent.atomic.AtomicInteger touched =
      new java.util.concurrent.atomic.AtomicInteger();

  private static void touchOnce(RemoteMemory memory, int number) {
    for (int i = 0; i < 5; i++) {
      long page = (number * 7L + i * 101L) % PAGES;
      while (true) {
        try (Pin pin = memory.touch(page * PAGE, 1)) {
          check(memory.getByte(pin.offset()) == 0, "a page of zeros");
          touched.incrementAndGet();
          break;
        } catch (RemoteMemoryException e) {
          check(e.getMessage().contains("cannot be pinned"), e.getMessage()); // too many at once
          Thread.yield();
        }
      }
    }
  }

  @SuppressWarnings("restricted") // the descriptor is that of the manual page
  private static void children(StoreLocation store) throws Throwable {
    try (RemoteMemory memory = open(store)) {
      memory.putLong(0, 1);
      try (var own = Files.list(Path.of("/proc/self/fd"))) {
        for (Path each : own.toList()) {
          System.out.println("own " + (Files.exists(each) ? Files.readSymbolicLink(each) : each));
        }
      }
      Process built =
          new ProcessBuilder("ls", "-l", "/proc/self/fd").redirectErrorStream(true).start();
      System.out.print(new String(built.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
      System.out.println("built " + built.waitFor());
      var system =
          Linker.nativeLinker()
              .downcallHandle(
                  Linker.nativeLinker().defaultLookup().findOrThrow("system"),
                  FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
      System.out.flush();
      try (Arena arena = Arena.ofConfined()) {
        int status = (int) system.invokeExact(arena.allocateFrom("ls -l /proc/self/fd"));
        System.out.println("system " + status);
      }
    }
  }
}
