// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

import dev.memremap.benchmarks.Program;
import dev.memremap.benchmarks.Unit;
import dev.memremap.pager.Advice;
import dev.memremap.pager.RemoteMemory;
import dev.memremap.pager.internal.sys.Descriptor;
import dev.memremap.pager.internal.sys.Native;
import dev.memremap.pager.internal.sys.Syscalls;
import dev.memremap.pager.internal.sys.UnixSocket;
import dev.memremap.pager.internal.sys.Userfault;
import dev.memremap.pager.store.FileStore;
import dev.memremap.pager.store.PageStore;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The application whose faults are timed: one thread, which touches pages that are not in memory,
 * first in no order and then in order. Each server serves this same application.
 */
public final class FaultingApp {
  /** Faults served by our pager. */
  public static final String OURS = "ours";

  /** By a loop in Java that reads the store and copies, in a JVM of its own. */
  public static final String BARE = "bare";

  /** By the same loop in C, which reads the same store. */
  public static final String C = "c";

  /** By a loop in C that copies from a mapping of a file, and checks nothing. */
  public static final String UNCHECKED = "unchecked";

  /** By nothing: the same file, mapped. */
  public static final String MAPPED = "mapped";

  /** The median of a fault in no order. */
  public static final String FAULT = "fault, median";

  /** A page of a scan of pages that are not in memory. */
  public static final String SCAN = "page of a scan";

  /** A page of a scan of pages that are. */
  public static final String RESIDENT = "page of a resident scan";

  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  private static final int PAGE = 4096;
  private static final int PAGES = 1 << 16;
  private static final int ODD = 0x9E3779B1;
  private static final int FAULTS = 20_000;
  private static final int ROUNDS = 5;

  /** So many are not counted: the pager's code is compiled meanwhile, on the same processor. */
  private static final int WARM_ROUNDS = 12;

  private final MemorySegment segment;
  private final Runnable drop;

  /**
   * Of pages each of which has its own number's last byte in all its bytes.
   *
   * @param segment a power of two of them
   * @param drop takes all out of memory
   */
  FaultingApp(MemorySegment segment, Runnable drop) {
    this.segment = segment;
    this.drop = drop;
  }

  /**
   * Runs it.
   *
   * @param words the server, a folder, the program in C, and {@code quick} or {@code whole}
   */
  public static void main(String... words) throws Exception {
    Path folder = Path.of(words[1]);
    boolean quick = words[3].equals("quick");
    switch (words[0]) {
      case OURS -> ours(folder, quick);
      case BARE -> bare(folder, quick);
      case C, UNCHECKED -> inC(folder, words[2], words[0].equals(C), quick);
      case MAPPED -> mapped(folder, quick);
      default -> throw new IllegalArgumentException(words[0]);
    }
    // the peers serve until they are killed, and hold this JVM's faults
    Runtime.getRuntime().halt(0);
  }

  private static void ours(Path folder, boolean quick) throws Exception {
    fillStore(folder);
    try (RemoteMemory memory =
        RemoteMemory.open(
            FileStore.at(folder.resolve("store")),
            (long) PAGES * PAGE,
            RemoteMemory.resident((long) PAGES * PAGE))) {
      FaultingApp app = new FaultingApp(memory.segment(), () -> sendOut(memory));
      memory.advise(0, memory.byteSize(), Advice.RANDOM);
      app.faults(quick);
      memory.advise(0, memory.byteSize(), Advice.SEQUENTIAL);
      app.scans(quick);
      app.drop.run();
      memory.preload(0, memory.byteSize());
      app.resident(quick);
    }
  }

  /**
   * A page that has come this moment may be busy still, and is not sent out by the first advice.
   */
  static void sendOut(RemoteMemory memory) {
    do {
      memory.advise(0, memory.byteSize(), Advice.DONT_NEED);
      LockSupport.parkNanos(1_000_000);
    } while (memory.figures().resident() > 0);
  }

  private static void fillStore(Path folder) throws Exception {
    try (PageStore store = FileStore.at(folder.resolve("store")).open(PAGES, PAGE);
        Arena arena = Arena.ofConfined()) {
      MemorySegment page = arena.allocate(PAGE, PAGE);
      for (int i = 0; i < PAGES; i++) {
        page.fill((byte) i);
        store.write(i, page);
      }
      store.flush();
    }
  }

  private static FileChannel fillFile(Path folder) throws IOException {
    FileChannel file =
        FileChannel.open(
            folder.resolve("file"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment page = arena.allocate(PAGE, PAGE);
      for (int i = 0; i < PAGES; i++) {
        page.fill((byte) i);
        file.write(page.asByteBuffer(), (long) i * PAGE);
      }
    }
    file.force(false);
    return file;
  }

  private static void bare(Path folder, boolean quick) throws Exception {
    fillStore(folder);
    served(
        folder,
        quick,
        false,
        (socket, base, ahead) ->
            new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "--enable-native-access=ALL-UNNAMED",
                BareServer.class.getName(),
                socket.toString(),
                Long.toString(base),
                folder.resolve("store").toString(),
                Integer.toString(PAGES)));
  }

  private static void inC(Path folder, String program, boolean checks, boolean quick)
      throws Exception {
    if (checks) {
      fillStore(folder);
    } else {
      fillFile(folder).close();
    }
    served(
        folder,
        quick,
        true,
        (socket, base, ahead) ->
            new ProcessBuilder(
                program,
                socket.toString(),
                Long.toString(base),
                folder.resolve(checks ? "store" : "file").toString(),
                Long.toString((long) PAGES * PAGE),
                Integer.toString(ahead),
                checks ? "store" : "plain"));
  }

  interface Server {
    ProcessBuilder with(Path socket, long base, int ahead);
  }

  private static void served(Path folder, boolean quick, boolean scans, Server server)
      throws Exception {
    Served random = Served.start(folder.resolve("random"), (long) PAGES * PAGE, 1, server);
    new FaultingApp(random.segment, random::drop).faults(quick);
    random.end();
    if (scans) {
      Served ahead = Served.start(folder.resolve("ahead"), (long) PAGES * PAGE, 512, server);
      FaultingApp app = new FaultingApp(ahead.segment, ahead::drop);
      app.scans(quick);
      ahead.end();
    }
  }

  /** Memory of this JVM whose faults another process serves. */
  record Served(MemorySegment segment, Descriptor file, Process server) {
    @SuppressWarnings("MustBeClosedChecker") // lives as long as this JVM
    static Served start(Path socket, long bytes, int ahead, Server server) throws Exception {
      Syscalls calls = Native.calls();
      Descriptor file = Descriptor.memfd(calls, "faults", bytes);
      MemorySegment segment = file.map(bytes, Arena.global());
      Userfault userfault = Userfault.open(calls);
      userfault.register(segment);
      try (UnixSocket listening = UnixSocket.listen(calls, socket)) {
        Process process = server.with(socket, segment.address(), ahead).inheritIO().start();
        try (UnixSocket peer = listening.accept()) {
          peer.send((byte) 1, List.of(userfault.file()));
        }
        return new Served(segment, file, process);
      }
    }

    void drop() {
      try {
        file.punch(0, segment.byteSize());
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    void end() {
      server.destroyForcibly();
    }
  }

  private static void mapped(Path folder, boolean quick) throws Exception {
    long bytes = (long) PAGES * PAGE;
    try (FileChannel file = fillFile(folder)) {
      scansAfresh(file, bytes, quick);
      Descriptor plain = Descriptor.memfd(Native.calls(), "plain", bytes);
      MemorySegment memory = plain.map(bytes, Arena.global());
      for (int i = 0; i < PAGES; i++) {
        memory.asSlice((long) i * PAGE, PAGE).fill((byte) i);
      }
      new FaultingApp(memory, () -> {}).resident(quick);
    }
  }

  /** A mapping is made anew for each scan, since its pages stay. */
  private static void scansAfresh(FileChannel file, long bytes, boolean quick) throws IOException {
    double best = Double.MAX_VALUE;
    for (int i = 0; i < 2 * rounds(quick); i++) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment all = file.map(FileChannel.MapMode.READ_ONLY, 0, bytes, arena);
        best = Math.min(best, scan(all));
      }
    }
    Program.print(SCAN, best / PAGES, Unit.NANOSECONDS);
  }

  private static int rounds(boolean quick) {
    return quick ? 1 : ROUNDS;
  }

  void faults(boolean quick) {
    double best = Double.MAX_VALUE;
    int pages = Math.toIntExact(segment.byteSize() / PAGE);
    long[] took = new long[Math.min(FAULTS, pages)];
    for (int round = quick ? -1 : -WARM_ROUNDS; round < rounds(quick); round++) {
      drop.run();
      for (int i = 0; i < took.length; i++) {
        long offset = (long) ((i * ODD + round) & (pages - 1)) * PAGE;
        long began = System.nanoTime();
        long found = (long) LONG.getVolatile(segment, offset);
        took[i] = System.nanoTime() - began;
        if ((byte) found != (byte) (offset / PAGE)) {
          throw new AssertionError("page %d has %x".formatted(offset / PAGE, found));
        }
      }
      Arrays.sort(took);
      if (round >= 0) {
        best = Math.min(best, (double) took[took.length / 2]);
      }
    }
    Program.print(FAULT, best, Unit.NANOSECONDS);
  }

  private void scans(boolean quick) {
    double best = Double.MAX_VALUE;
    for (int round = quick ? 0 : -WARM_ROUNDS; round < 2 * rounds(quick); round++) {
      drop.run();
      double took = scan(segment);
      if (round >= 0) {
        best = Math.min(best, took);
      }
    }
    Program.print(SCAN, best / PAGES, Unit.NANOSECONDS);
  }

  private void resident(boolean quick) {
    double best = Double.MAX_VALUE;
    for (int i = 0; i < 4 * rounds(quick); i++) {
      best = Math.min(best, scan(segment));
    }
    Program.print(RESIDENT, best / PAGES, Unit.NANOSECONDS);
  }

  private static double scan(MemorySegment of) {
    long began = System.nanoTime();
    long sum = 0;
    for (long at = 0; at < of.byteSize(); at += Long.BYTES) {
      sum += of.get(ValueLayout.JAVA_LONG, at);
    }
    long took = System.nanoTime() - began;
    if (sum == 1) {
      throw new AssertionError("the sum is only there to be reckoned");
    }
    return took;
  }
}
