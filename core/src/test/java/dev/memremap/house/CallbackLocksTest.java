// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.memremap.Device;
import dev.memremap.Lookup;
import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.PageHold;
import dev.memremap.cache.CacheMode;
import dev.memremap.devres.Devres;
import dev.memremap.devres.DevresRelease;
import dev.memremap.machine.MachineDescription;
import dev.memremap.machine.MemmapGeometry;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.PagemapOps;
import dev.memremap.plan.IoremapPlan;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.PagemapPlan;
import dev.memremap.plan.RemapPlan;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Fact;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.MemorySource;
import dev.memremap.spi.RecordingBacking;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The condition "no callback, action, release or logger is called while a lock or monitor of ours
 * is held", looked at on the entry of each callback.
 *
 * <p>Which callbacks there are is read from the exported API: each parameter of an interface that a
 * user may implement, {@code spi} apart. One that has no case here fails the test.
 */
class CallbackLocksTest {
  private static final PhysRange LOG = PhysRange.parse("0x40000000+8K");
  private static final PhysRange POOL = PhysRange.parse("0x40400000+4M");
  private static final long PFN = POOL.firstPfn(4096);
  private static final String DESCRIPTION =
      """
      00001000-3fffffff : System RAM
      40000000-4fffffff : Persistent Memory (legacy)
      """;

  private final List<String> entered = new ArrayList<>();
  private final List<String> held = new ArrayList<>();

  /** Has the callbacks of one case called. */
  private interface Case {
    void run(CallbackLocksTest test);
  }

  @BeforeEach
  void needsMonitors() {
    assumeTrue(
        ManagementFactory.getThreadMXBean().isObjectMonitorUsageSupported()
            && ManagementFactory.getThreadMXBean().isSynchronizerUsageSupported(),
        "skipped: this JVM does not say which locks a thread holds");
  }

  /** What every callback here does on its entry. */
  private void enter(String callback) {
    entered.add(callback);
    HeldLocks.ofTheLibrary().forEach(lock -> held.add(callback + " while holding " + lock));
  }

  private static Machine machine() {
    return Machine.simulated(MachineDescription.parse(DESCRIPTION));
  }

  // ---- the cases ---------------------------------------------------------------------------

  /** By the parameter, as {@link #callbacks} writes it. */
  private static final Map<String, Case> CASES = new LinkedHashMap<>();

  static {
    for (String made : List.of("PagemapOps.withPageFree(PageFree)", "new PagemapOps(PageFree)")) {
      CASES.put(made, CallbackLocksTest::pageFree);
    }
    for (String made :
        List.of("PagemapOps.withMigrateToRam(MigrateToRam)", "new PagemapOps(MigrateToRam)")) {
      CASES.put(made, CallbackLocksTest::migrateToRam);
    }
    for (String made :
        List.of("PagemapOps.withMemoryFailure(MemoryFailure)", "new PagemapOps(MemoryFailure)")) {
      CASES.put(made, CallbackLocksTest::memoryFailure);
    }
    CASES.put("Devres.alloc(DevresRelease)", CallbackLocksTest::releases);
    for (String with : List.of("find", "remove", "destroy", "release")) {
      CASES.put("Devres.%s(DevresRelease)".formatted(with), CallbackLocksTest::releases);
      CASES.put("Devres.%s(Predicate)".formatted(with), CallbackLocksTest::matches);
    }
    CASES.put("Devres.addAction(Runnable)", CallbackLocksTest::actions);
    CASES.put("Devres.addActionOrReset(Runnable)", CallbackLocksTest::actions);
    CASES.put("Devres.releaseAction(Runnable)", CallbackLocksTest::actions);
    CASES.put("Devres.removeAction(Runnable)", CallbackLocksTest::actions);
    CASES.put("new Devres(Runnable)", CallbackLocksTest::used);
    CASES.put("PercpuRef.init(Runnable)", CallbackLocksTest::references);
    CASES.put("PercpuRef.killAndConfirm(Runnable)", CallbackLocksTest::references);
    CASES.put("PercpuRef.switchToAtomic(Runnable)", CallbackLocksTest::references);
    CASES.put("ResourceSnapshot.walk(ObjIntConsumer)", CallbackLocksTest::walks);
    CASES.put("ResourceSnapshot.walkSystemRam(Predicate)", CallbackLocksTest::walks);
    CASES.put("ResourceSnapshot.systemRamIntersects(Reader)", CallbackLocksTest::facts);
    CASES.put("MachineDescription.withTables(Function)", CallbackLocksTest::tables);
    CASES.put("new Request(Supplier)", CallbackLocksTest::requests);
    CASES.put("IoremapPlan.refused(Function)", CallbackLocksTest::plans);
    CASES.put("PagemapPlan.refused(Supplier)", CallbackLocksTest::plans);
    CASES.put("RemapPlan.refused(Function)", CallbackLocksTest::plans);
    // what is no parameter, and a user's all the same
    CASES.put("a logger", CallbackLocksTest::logger);
    CASES.put("a group's name", CallbackLocksTest::groups);
  }

  private DevPagemap map(MemoryType type, PagemapOps ops) {
    PagemapOps all = ops.migrateToRam() == null ? ops.withMigrateToRam(page -> SIGBUS) : ops;
    return DevPagemap.over(POOL)
        .type(type)
        .owner("owner")
        .ops(all.pageFree() == null ? all.withPageFree(page -> {}) : all)
        .build();
  }

  private static final PagemapOps.MigrateToRam.Outcome SIGBUS =
      PagemapOps.MigrateToRam.Outcome.SIGBUS;

  private void pageFree() {
    for (MemoryType type : List.of(MemoryType.GENERIC, MemoryType.PRIVATE)) {
      try (Machine machine = machine()) {
        DevPagemap map =
            map(type, PagemapOps.none().withPageFree(page -> enter("page_free of " + type)));
        machine.memremapPages(map);
        if (type.isHandedOut()) {
          machine.pfnToPage(PFN).zoneDeviceInit();
        }
        machine.pfnToPage(PFN).put();
        if (type.isHandedOut()) {
          machine.pfnToPage(PFN).zoneDeviceInit();
        }
        try (PageHold held = machine.hold(PFN)) {
          assertThat(held).isNotNull();
          machine.pfnToPage(PFN).put();
        }
      }
    }
  }

  private void migrateToRam() {
    try (Machine machine = machine()) {
      machine.memremapPages(
          map(
              MemoryType.PRIVATE,
              PagemapOps.none()
                  .withMigrateToRam(
                      page -> {
                        enter("migrate_to_ram");
                        return SIGBUS;
                      })));
      machine.pfnToPage(PFN).migrateToRam();
    }
  }

  private void memoryFailure() {
    try (Machine machine = machine()) {
      machine.memremapPages(
          map(
              MemoryType.GENERIC,
              PagemapOps.none()
                  .withMemoryFailure(
                      (map, pfn, count, flags) -> {
                        enter("memory_failure");
                        return Optional.empty();
                      })));
      machine.memoryFailure(PFN, 1, 0);
    }
  }

  private void releases() {
    DevresRelease<String> noted =
        new DevresRelease<>() {
          @Override
          public void release(String data) {
            enter("a release");
            throw new IllegalStateException("so that it is asked whether the record is kept");
          }

          @Override
          public boolean isKeptOnFailure() {
            enter("isKeptOnFailure");
            return false;
          }
        };
    try (Machine machine = machine()) {
      Device device = machine.newDevice("d");
      Runnable add = () -> device.devres().add(device.devres().alloc(noted, "data"));
      add.run();
      failing(() -> device.devres().release(noted, null));
      add.run();
      failing(device::release);
      add.run();
      Object group = device.devres().openGroup(null);
      add.run();
      failing(() -> device.devres().releaseGroup(group));
      failing(machine::close);
    }
  }

  private static void failing(Runnable step) {
    try {
      step.run();
    } catch (IllegalStateException expected) {
      assertThat(expected).hasMessageContaining("so that it is asked");
    }
  }

  private void matches() {
    Devres devres = new Devres();
    DevresRelease<String> kind = data -> {};
    for (String data : List.of("one", "other", "third")) {
      devres.add(devres.alloc(kind, data));
    }
    Predicate<String> match =
        data -> {
          enter("a match");
          return data.equals("one");
        };
    devres.find(kind, match);
    devres.remove(kind, match);
    devres.add(devres.alloc(kind, "one"));
    devres.destroy(kind, match);
    devres.add(devres.alloc(kind, "one"));
    devres.release(kind, match);
  }

  private void actions() {
    try (Machine machine = machine()) {
      Device device = machine.newDevice("d");
      Runnable action = () -> enter("an action");
      device.devres().addAction(action);
      device.memremap(LOG, MemremapFlag.WC);
      device.devres().addAction(action);
      device.release();
      device.devres().addAction(action);
      device.devres().releaseAction(action);
      device.devres().addAction(action);
      device.devres().removeAction(action);
      device.devres().addAction(action);
      failing(
          () -> {
            try {
              new Devres(0).addActionOrReset(action);
            } catch (MemremapException full) {
              assertThat(full.errno()).isEqualTo(Errno.ENOMEM);
            }
          });
    }
  }

  private void used() {
    Devres devres = new Devres(1, () -> enter("used"));
    devres.addAction(() -> {});
  }

  private void references() {
    for (MemoryType type : List.of(MemoryType.GENERIC, MemoryType.PRIVATE)) {
      try (Machine machine = machine()) {
        PercpuRef ref = PercpuRef.init(() -> enter("the release of a reference"));
        DevPagemap map =
            DevPagemap.over(POOL)
                .type(type)
                .owner("owner")
                .ref(ref)
                .ops(PagemapOps.none().withPageFree(page -> {}).withMigrateToRam(page -> SIGBUS))
                .build();
        Device device = machine.newDevice("d");
        device.memremapPages(map);
        device.devres().addAction(() -> ref.killAndConfirm(() -> enter("a confirm of a kill")));
        try (Lookup held = machine.lookup(PFN)) {
          assertThat(held).isNotNull();
          device.release();
          assertThat(ref.isZero()).isFalse();
        }
        ref.exit();
      }
    }
    PercpuRef zero = PercpuRef.init(() -> enter("the release of a reference"));
    zero.put();
    zero.switchToAtomic(() -> enter("a confirm of a switch"));
    PercpuRef inMap = PercpuRef.init(() -> enter("the release of a reference"));
    try (Machine machine = machine()) {
      // it lives still when its machine closes, which kills it
      machine.memremapPages(DevPagemap.over(POOL).type(MemoryType.GENERIC).ref(inMap).build());
    }
    assertThat(inMap.isZero()).isTrue();
  }

  private void walks() {
    try (Machine machine = machine()) {
      machine.resources().walk((resource, depth) -> enter("a walk"));
      machine
          .resources()
          .walkSystemRam(
              PhysRange.parse("0x0+1G"),
              4096,
              run -> {
                enter("a walk of System RAM");
                return true;
              });
    }
  }

  /** RAM inside a window, which kernels look for or do not. */
  private void facts() {
    MachineDescription description =
        MachineDescription.parse(
            """
            00001000-3fffffff : System RAM
            100000000-1ffffffff : CXL Window 0
              100000000-1ffffffff : System RAM
            """);
    try (Machine machine = Machine.simulated(description)) {
      machine
          .resources()
          .systemRamIntersects(0x1_0000_0000L, 4096, fact -> enter("facts of an intersection"));
    }
  }

  private void requests() {
    RemapPlan.Request request =
        new RemapPlan.Request(
            0,
            4096,
            MemremapFlag.WC.bit(),
            () -> {
              enter("what is known of a machine");
              return List.of();
            });
    request.reads(Fact.ARCH);
    assertThat(request.assumptions()).isEmpty();
  }

  private void tables() {
    MachineDescription.parse("00001000-3fffffff : System RAM")
        .withTables(
            file -> {
              enter("the tables of a machine");
              return Optional.empty();
            });
  }

  private void plans() {
    Refusal refusal = new Refusal(Errno.EINVAL, Rule.C_4, "refused");
    IoremapPlan.refused(
            LOG,
            new RemapPlan.Request(0, 4096, 0, List::of),
            refusal,
            Rule.C_4,
            plan -> {
              enter("what is near registers");
              return List.of();
            })
        .nearest();
    PagemapPlan.refused(
            "map",
            new PagemapPlan.Structures(MemmapGeometry.COMPACT, 0, 0, 0, 0, 0),
            new PagemapPlan.Failed(Errno.EINVAL, Rule.C_4, 0, "refused"),
            Rule.C_4,
            () -> {
              enter("what is near a page map");
              return List.of();
            })
        .nearest();
    RemapPlan.refused(
            new RemapPlan.Request(0, 4096, MemremapFlag.WC.bit(), List::of),
            List.of(),
            refusal,
            Rule.C_4,
            plan -> {
              enter("what is near a remap");
              return List.of();
            })
        .nearest();
  }

  private void logger() {
    Logger logger = Logger.getLogger("dev.memremap");
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord logged) {
            enter("a logger: " + logged.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    handler.setLevel(Level.ALL);
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    try {
      everythingThatIsLogged();
    } finally {
      logger.removeHandler(handler);
      logger.setUseParentHandlers(true);
    }
    assertThat(entered)
        .anyMatch(line -> line.contains("failed to free all reserved pages"))
        .anyMatch(line -> line.contains("page mapping is still live"))
        .anyMatch(line -> line.contains("1 put of its reference was too many"))
        .anyMatch(line -> line.contains("has no page_free"))
        .anyMatch(line -> line.contains("was still mapped when its machine"))
        .anyMatch(line -> line.contains("the machine was closed while"))
        .anyMatch(line -> line.contains("live mappings"));
  }

  private static void everythingThatIsLogged() {
    Machine machine = machine();
    // more of its altmap is taken than the map gives back
    DevPagemap altmap = DevPagemap.over(POOL).type(MemoryType.GENERIC).altmap(0, 64, 4096).build();
    machine.memremapPages(altmap);
    altmap.altmap().orElseThrow().alloc(4096, 4096);
    machine.memunmapPages(altmap);
    DevPagemap live = DevPagemap.over(POOL).type(MemoryType.GENERIC).ref(PercpuRef.init()).build();
    machine.memremapPages(live);
    machine.pfnToPage(PFN).put();
    machine.memunmapPages(live);
    DevPagemap putTooOften = DevPagemap.over(POOL).type(MemoryType.GENERIC).build();
    machine.memremapPages(putTooOften);
    putTooOften.put();
    machine.memunmapPages(putTooOften);
    DevPagemap left =
        DevPagemap.over(PhysRange.parse("0x41000000+2M")).type(MemoryType.GENERIC).build();
    machine.memremapPages(left);
    DevPagemap held = machine.getDevPagemap(0x41000, null);
    Mapping leaked = machine.memremap(LOG, MemremapFlag.WC);
    machine.close();
    assertThat(leaked.isOpen()).isFalse();
    held.put();
  }

  private void groups() {
    Object name =
        new Object() {
          @Override
          @SuppressWarnings("EqualsUnsafeCast")
          public boolean equals(Object other) {
            enter("equals of a group's name");
            return this == other;
          }

          @Override
          public int hashCode() {
            return 1;
          }

          @Override
          public String toString() {
            enter("toString of a group's name");
            return "a group";
          }
        };
    Devres devres = new Devres();
    devres.openGroup(name);
    devres.openGroup(null);
    devres.closeGroup(name);
    devres.removeGroup(name);
    for (Runnable gone :
        List.<Runnable>of(
            () -> devres.closeGroup(name),
            () -> devres.removeGroup(name),
            () -> devres.releaseGroup(name))) {
      try {
        gone.run();
      } catch (MemremapException absent) {
        assertThat(absent.errno()).isEqualTo(Errno.ENOENT);
      }
    }
  }

  // ---- which there are ---------------------------------------------------------------------

  /** Each parameter of the exported API, {@code spi} apart, that a user's code may stand behind. */
  private static Set<String> callbacks(List<Class<?>> types) {
    Set<String> found = new TreeSet<>();
    for (Class<?> type : types) {
      Stream.<Executable>concat(
              Stream.of(type.getDeclaredConstructors()), Stream.of(type.getDeclaredMethods()))
          .filter(each -> Modifier.isPublic(each.getModifiers()) && !each.isSynthetic())
          .forEach(
              each -> {
                for (Class<?> parameter : each.getParameterTypes()) {
                  if (isCallback(parameter)) {
                    found.add(
                        "%s(%s)"
                            .formatted(
                                each instanceof Method
                                    ? type.getSimpleName() + "." + each.getName()
                                    : "new " + type.getSimpleName(),
                                parameter.getSimpleName()));
                  }
                }
              });
    }
    return found;
  }

  /** An interface that anyone may implement, and that is not one of the JDK's data. */
  private static boolean isCallback(Class<?> type) {
    boolean open = type.isInterface() && !type.isSealed() && !type.isAnnotation();
    boolean ours =
        type.getName().startsWith("dev.memremap.")
            && !type.getPackageName().equals("dev.memremap.spi");
    return open && (ours || type.isAnnotationPresent(FunctionalInterface.class));
  }

  private static List<Class<?>> exported() {
    return PublicApi.of(Machine.class).types().stream()
        .filter(type -> !type.getPackageName().equals("dev.memremap.spi"))
        .toList();
  }

  @Test
  @DisplayName("each callback of the exported API has a case here")
  void everyCallbackHasACase() {
    Set<String> cases = new TreeSet<>(CASES.keySet());
    cases.removeAll(Set.of("a logger", "a group's name"));
    assertThat(callbacks(exported())).isEqualTo(cases);
  }

  @Test
  @DisplayName("each exported interface that a user may implement is a parameter of some method")
  void everyInterfaceIsAParameter() {
    Set<String> parameters = callbacks(exported());
    assertThat(exported().stream().filter(CallbackLocksTest::isCallback))
        .isNotEmpty()
        .allSatisfy(
            type ->
                assertThat(parameters)
                    .anyMatch(line -> line.endsWith("(" + type.getSimpleName() + ")")));
  }

  static Set<String> cases() {
    return CASES.keySet();
  }

  @ParameterizedTest
  @MethodSource("cases")
  @DisplayName("no lock or monitor of the library is held on the entry of a callback")
  void noLockIsHeld(String callback) {
    CASES.get(callback).run(this);
    assertThat(entered).isNotEmpty();
    assertThat(held).isEmpty();
  }

  /** An exported type would have such a method. */
  static final class Planted {
    private Planted() {}

    /** Takes a callback. */
    public static void told(Runnable callback) {
      callback.run();
    }
  }

  @Test
  @DisplayName("a new callback, a monitor of the library and a lock are noticed")
  void plantedViolationsAreNoticed() {
    assertThat(callbacks(List.of(Planted.class))).containsExactly("Planted.told(Runnable)");
    assertThat(HeldLocks.ofTheLibrary()).isEmpty();
    ReentrantLock lock = new ReentrantLock();
    lock.lock();
    try {
      Planted.told(() -> assertThat(HeldLocks.ofTheLibrary()).hasSize(1));
    } finally {
      lock.unlock();
    }
    // a source is mapped under the monitor of its region
    try (Machine machine = machine()) {
      List<String> inside = new ArrayList<>();
      machine.attach("source", new MonitoredSource(() -> inside.addAll(HeldLocks.ofTheLibrary())));
      machine.memremap(machine.resource("source").range(), MemremapFlag.WB).close();
      assertThat(inside).isNotEmpty();
    }
  }

  /** Memory that runs something when it is mapped, which happens under locks of the library. */
  private record MonitoredSource(Runnable mapped) implements MemorySource {
    @Override
    public String name() {
      return "monitored";
    }

    @Override
    public long sizeBytes() {
      return 4096;
    }

    @Override
    public MappedBytes map(long offset, long length, Arena arena) {
      mapped.run();
      return new MappedBytes(arena.allocate(length, 4096), CacheMode.WB, new RecordingBacking());
    }

    @Override
    public void close() {}
  }
}
