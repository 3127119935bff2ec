// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static dev.memremap.Machines.BAR;
import static dev.memremap.Machines.PMEM;
import static dev.memremap.Machines.RAM;
import static dev.memremap.plan.MemremapFlag.WB;
import static dev.memremap.plan.MemremapFlag.WC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.page.PagemapOps;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import dev.memremap.spi.MemorySource;
import dev.memremap.spi.RecordingBacking;
import dev.memremap.spi.RecordingSource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A callback that throws anything, or returns null, leaves no close and no release half done: all
 * else is closed, and one exception carries the others as suppressed.
 */
class CallbackFailuresTest {
  private static final PhysRange LOG = PhysRange.of(PMEM, 8192);
  private static final PhysRange POOL = PhysRange.of(PMEM + (4L << 20), 4L << 20);
  private static final long PFN = POOL.firstPfn(4096);

  /** What a callback throws. */
  enum Thrown {
    RUNTIME(() -> new IllegalArgumentException("an action that fails")),
    /** As the library's own refusals are. */
    STATE(() -> new IllegalStateException("an action that finds something closed")),
    ERROR(() -> new AssertionError("a failed assert in an action")),
    SNEAKY(() -> new IOException("a checked exception that no signature names"));

    private final Supplier<Throwable> made;

    Thrown(Supplier<Throwable> made) {
      this.made = made;
    }

    Throwable make() {
      return made.get();
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> void as(Throwable thrown) throws T {
    throw (T) thrown;
  }

  private static void raise(Throwable thrown) {
    CallbackFailuresTest.<RuntimeException>as(thrown);
  }

  /** The files of simulated memory that this process has open. */
  private static long openFiles() throws IOException {
    Path open = Path.of("/proc/self/fd");
    if (!Files.isDirectory(open)) {
      return 0;
    }
    try (Stream<Path> links = Files.list(open)) {
      return links.filter(link -> target(link).contains("memremap-")).count();
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException closedSince) {
      return "";
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("a close whose actions throw closes all else, and its memory is given back")
  void closingMachine(Thrown thrown) throws IOException {
    long before = openFiles();
    Machine machine = Machines.machine();
    List<String> ran = new ArrayList<>();
    Device older = machine.newDevice("older");
    Device newer = machine.newDevice("newer");
    older.devres().addAction(() -> ran.add("oldest action"));
    Mapping managed = older.memremap(PhysRange.of(PMEM + 0x10000, 4096), WC);
    Throwable second = thrown.make();
    older.devres().addAction(() -> raise(second));
    Throwable first = thrown.make();
    newer.devres().addAction(() -> ran.add("newer action"));
    newer.devres().addAction(() -> raise(first));
    Mapping own = machine.memremap(LOG, WC);
    Mapping ram = machine.memremap(PhysRange.of(RAM, 4096), WB);
    IoMemory registers = machine.ioremap(PhysRange.of(BAR, 4096));
    DevPagemap pool = DevPagemap.over(POOL).type(MemoryType.GENERIC).build();
    machine.memremapPages(pool);

    assertThatThrownBy(machine::close).isSameAs(first);
    assertThat(first.getSuppressed()).containsExactly(second);
    assertThat(ran).containsExactly("newer action", "oldest action");
    assertThat(List.of(managed.isOpen(), own.isOpen(), ram.isOpen())).containsOnly(false);
    assertThatIllegalStateException().isThrownBy(() -> registers.read32(0));
    assertThat(pool.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    assertThat(machine.space().quota().taken()).isZero();
    assertThat(openFiles()).isEqualTo(before);
    machine.close();
    assertThat(ran).as("an action runs once").hasSize(2);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("a release whose actions throw releases all else, and carries each failure")
  void releasedDevice(Thrown thrown) {
    try (Machine machine = Machines.machine()) {
      Device device = machine.newDevice("d");
      List<String> ran = new ArrayList<>();
      device.devres().addAction(() -> ran.add("oldest"));
      Throwable later = thrown.make();
      device.devres().addAction(() -> raise(later));
      Mapping mapping = device.memremap(LOG, WC);
      Throwable first = thrown.make();
      device.devres().addAction(() -> raise(first));
      device.devres().addAction(() -> raise(first));
      assertThatThrownBy(device::release).isSameAs(first);
      assertThat(first.getSuppressed()).containsExactly(later);
      assertThat(ran).containsExactly("oldest");
      assertThat(mapping.isOpen()).isFalse();
      assertThat(device.release()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("a reference whose release callback throws: the map is unmapped all the same")
  void releaseCallback(Thrown thrown) {
    for (MemoryType type : MemoryType.values()) {
      for (boolean killed : new boolean[] {false, true}) {
        try (Machine machine = Machines.machine()) {
          Throwable failure = thrown.make();
          PercpuRef ref = PercpuRef.init(() -> raise(failure));
          DevPagemap map = map(type).ref(ref).build();
          machine.memremapPages(map);
          if (killed) {
            if (type.isHandedOut()) {
              assertThatThrownBy(ref::kill).isSameAs(failure);
              machine.memunmapPages(map);
            } else {
              ref.kill();
              assertThatThrownBy(() -> machine.memunmapPages(map)).isSameAs(failure);
            }
          } else {
            assertThatThrownBy(() -> machine.memunmapPages(map)).isSameAs(failure);
          }
          assertThat(map.state())
              .as("%s, killed: %s", type, killed)
              .isEqualTo(DevPagemap.State.UNMAPPED);
          assertThat(machine.pagemaps()).isEmpty();
          assertThat(machine.memtypes().isEmpty()).isTrue();
          ref.exit();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("C-2 a close that kills a live reference tells what its release callback throws")
  void releaseCallbackInClose(Thrown thrown) {
    for (MemoryType type : MemoryType.values()) {
      Machine machine = Machines.machine();
      Throwable failure = thrown.make();
      PercpuRef ref = PercpuRef.init(() -> raise(failure));
      DevPagemap map = map(type).ref(ref).build();
      machine.memremapPages(map);
      assertThatThrownBy(machine::close).as("%s", type).isSameAs(failure);
      assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
      ref.exit();
      machine.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("the close of a page's last hold tells what page_free and the release throw")
  void lastHold(Thrown thrown) {
    Throwable freed = thrown.make();
    Throwable released = thrown.make();
    try (Machine machine = Machines.machine()) {
      PercpuRef ref = PercpuRef.init(() -> raise(released));
      DevPagemap map =
          DevPagemap.over(POOL)
              .type(MemoryType.GENERIC)
              .ops(PagemapOps.none().withPageFree(page -> raise(freed)))
              .ref(ref)
              .build();
      machine.memremapPages(map);
      PageHold held = machine.hold(PFN);
      machine.pfnToPage(PFN).put();
      machine.memunmapPages(map);
      assertThatThrownBy(held::close).isSameAs(freed);
      assertThat(freed.getSuppressed()).containsExactly(released);
      assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
      held.close();
      ref.exit();
    }
  }

  /** Steps that hold the map while a page's callback runs, and put it after that. */
  enum HoldingStep {
    PUT(
        MemoryType.GENERIC,
        then -> PagemapOps.none().withPageFree(page -> then.run()),
        machine -> machine.pfnToPage(PFN).put()),
    MIGRATE_TO_RAM(
        MemoryType.PRIVATE,
        then ->
            PagemapOps.none()
                .withPageFree(page -> {})
                .withMigrateToRam(
                    page -> {
                      then.run();
                      return PagemapOps.MigrateToRam.Outcome.SIGBUS;
                    }),
        machine -> machine.pfnToPage(PFN).migrateToRam()),
    MEMORY_FAILURE(
        MemoryType.FS_DAX,
        then ->
            PagemapOps.none()
                .withMemoryFailure(
                    (map, pfn, count, flags) -> {
                      then.run();
                      return Optional.empty();
                    }),
        machine -> machine.memoryFailure(PFN, 1, 0));

    private final MemoryType type;
    private final Function<Runnable, PagemapOps> ops;
    private final Consumer<Machine> step;

    HoldingStep(MemoryType type, Function<Runnable, PagemapOps> ops, Consumer<Machine> step) {
      this.type = type;
      this.ops = ops;
      this.step = step;
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("a callback that unmaps its map and throws: what the release throws hides nothing")
  void unmapsAndThrows(HoldingStep step) {
    Throwable called = new AssertionError("the callback of a page");
    Throwable released = new AssertionError("the release that the last put runs");
    try (Machine machine = Machines.machine()) {
      PercpuRef ref = PercpuRef.init(() -> raise(released));
      List<DevPagemap> maps = new ArrayList<>();
      PagemapOps ops =
          step.ops.apply(
              () -> {
                machine.memunmapPages(maps.getFirst());
                raise(called);
              });
      DevPagemap map =
          DevPagemap.over(POOL).type(step.type).owner("owner").ops(ops).ref(ref).build();
      maps.add(map);
      machine.memremapPages(map);
      assertThatThrownBy(() -> step.step.accept(machine)).isSameAs(called);
      assertThat(called.getSuppressed()).containsExactly(released);
      assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
      ref.exit();
    }
  }

  private static DevPagemap.Builder map(MemoryType type) {
    return DevPagemap.over(POOL)
        .type(type)
        .owner("owner")
        .ops(
            PagemapOps.none()
                .withPageFree(page -> {})
                .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS));
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("killAndConfirm: a confirm that throws, and a release that throws, are both told")
  void confirm(Thrown thrown) {
    Throwable released = thrown.make();
    Throwable confirmed = thrown.make();
    PercpuRef ref = PercpuRef.init(() -> raise(released));
    assertThatThrownBy(() -> ref.killAndConfirm(() -> raise(confirmed))).isSameAs(confirmed);
    assertThat(confirmed.getSuppressed()).containsExactly(released);
    assertThat(ref.isZero()).isTrue();
    ref.exit();
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("a page_free that throws leaves the count right, and its map can go")
  void pageFree(Thrown thrown) {
    try (Machine machine = Machines.machine()) {
      Throwable failure = thrown.make();
      DevPagemap map =
          DevPagemap.over(POOL)
              .type(MemoryType.GENERIC)
              .ops(PagemapOps.none().withPageFree(page -> raise(failure)))
              .build();
      machine.memremapPages(map);
      Page page = machine.pfnToPage(PFN);
      assertThatThrownBy(page::put).isSameAs(failure);
      assertThat(page.refCount()).isEqualTo(1);
      machine.memunmapPages(map);
      assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    }
  }

  @Test
  @DisplayName("D-5 a callback that returns null is named, and holds nothing afterwards")
  @SuppressWarnings("NullAway") // what a user's callback does
  void returnsNull() {
    try (Machine machine = Machines.machine()) {
      DevPagemap broken =
          DevPagemap.over(POOL)
              .type(MemoryType.PRIVATE)
              .owner("owner")
              .name("broken")
              .ops(
                  PagemapOps.none()
                      .withPageFree(page -> {})
                      .withMigrateToRam(page -> null)
                      .withMemoryFailure((map, pfn, count, flags) -> null))
              .build();
      machine.memremapPages(broken);
      assertThatIllegalStateException()
          .isThrownBy(() -> machine.pfnToPage(PFN).migrateToRam())
          .withMessageContaining("migrate_to_ram of page map broken returned null");
      assertThatIllegalStateException()
          .isThrownBy(() -> machine.memoryFailure(PFN, 1, 0))
          .withMessageContaining("memory_failure of page map broken returned null");
      assertThat(broken.outsideReferences()).isZero();
      machine.memunmapPages(broken);
      assertThat(broken.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("a logger that throws ends nothing half-way")
  void logger(Thrown thrown) {
    Logger logger = Logger.getLogger("dev.memremap");
    Handler throwing =
        new Handler() {
          @Override
          public void publish(LogRecord logged) {
            raise(thrown.make());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(throwing);
    logger.setUseParentHandlers(false);
    try {
      Machine machine = Machines.machine();
      Mapping leaked = machine.memremap(LOG, WC);
      DevPagemap live =
          DevPagemap.over(POOL).type(MemoryType.GENERIC).ref(PercpuRef.init()).build();
      machine.memremapPages(live);
      machine.close();
      assertThat(leaked.isOpen()).isFalse();
      assertThat(live.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    } finally {
      logger.removeHandler(throwing);
      logger.setUseParentHandlers(true);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("a source that cannot be closed keeps neither the other sources nor the memory open")
  void source(Thrown thrown) throws IOException {
    long before = openFiles();
    Machine machine = Machines.machine();
    List<String> closed = new ArrayList<>();
    Throwable failure = thrown.make();
    machine.attach("first", new ClosingSource(() -> raise(failure)));
    machine.attach("second", new ClosingSource(() -> closed.add("second")));
    machine.memremap(LOG, WC);
    assertThatThrownBy(machine::close).isSameAs(failure);
    assertThat(closed).containsExactly("second");
    assertThat(openFiles()).isEqualTo(before);
  }

  private record ClosingSource(RecordingSource bytes, Runnable closing) implements MemorySource {
    ClosingSource(Runnable closing) {
      this(new RecordingSource(4096, new RecordingBacking()), closing);
    }

    @Override
    public String name() {
      return bytes.name();
    }

    @Override
    public long sizeBytes() {
      return bytes.sizeBytes();
    }

    @Override
    public dev.memremap.spi.MappedBytes map(long offset, long length, Arena arena) {
      return bytes.map(offset, length, arena);
    }

    @Override
    public void close() {
      closing.run();
    }
  }
}
