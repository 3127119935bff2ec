// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Device;
import dev.memremap.Lookup;
import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.PageHold;
import dev.memremap.machine.MachineDescription;
import dev.memremap.machine.MemmapGeometry;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.page.PagemapOps;
import dev.memremap.plan.IoremapPlan;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.PagemapPlan;
import dev.memremap.plan.RemapPlan;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Fact;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * A case for each callback that a user may give the library: it has the callback called, which
 * notes the locks of the library that are held then.
 *
 * <p>Thread safety: for one thread.
 */
final class CallbackCases {
  static final PhysRange LOG = PhysRange.parse("0x40000000+8K");
  private static final PhysRange POOL = PhysRange.parse("0x40400000+4M");
  private static final long PFN = POOL.firstPfn(4096);
  private static final String DESCRIPTION =
      """
      00001000-3fffffff : System RAM
      40000000-4fffffff : Persistent Memory (legacy)
      """;
  private static final String LOGGER = "a logger";
  private static final String GROUP_NAME = "a group's name";

  private final List<String> entered = new ArrayList<>();
  private final List<String> held = new ArrayList<>();

  /** Has the callbacks of one case called. */
  private interface Case {
    void run(CallbackCases cases);
  }

  /** What every callback here does on its entry. */
  void enter(String callback) {
    entered.add(callback);
    HeldLocks.ofTheLibrary().forEach(lock -> held.add(callback + " while holding " + lock));
  }

  /** The callbacks that were called. */
  List<String> entered() {
    return List.copyOf(entered);
  }

  /** The locks that were held on the entry of one. */
  List<String> held() {
    return List.copyOf(held);
  }

  /** Users' code that the library calls: parameters of the API, and the rest. */
  static Set<String> names() {
    return CASES.keySet();
  }

  /** The parameters of the API, as {@link UserCallbacks#of} writes them. */
  static Set<String> parameters() {
    Set<String> parameters = new TreeSet<>(CASES.keySet());
    parameters.removeAll(Set.of(LOGGER, GROUP_NAME));
    return parameters;
  }

  void run(String callback) {
    CASES.get(callback).run(this);
  }

  static Machine machine() {
    return Machine.simulated(MachineDescription.parse(DESCRIPTION));
  }

  /** By the parameter, as {@link UserCallbacks#of} writes it. */
  private static final Map<String, Case> CASES = new LinkedHashMap<>();

  static {
    for (String made :
        List.of(
            "PagemapOps.withPageFree(PageFree)",
            "PagemapOps.withFolioFree(PageFree)",
            "new PagemapOps(PageFree)")) {
      CASES.put(made, CallbackCases::pageFree);
    }
    for (String made :
        List.of("PagemapOps.withMigrateToRam(MigrateToRam)", "new PagemapOps(MigrateToRam)")) {
      CASES.put(made, CallbackCases::migrateToRam);
    }
    for (String made :
        List.of("PagemapOps.withMemoryFailure(MemoryFailure)", "new PagemapOps(MemoryFailure)")) {
      CASES.put(made, CallbackCases::memoryFailure);
    }
    for (String made :
        List.of("PagemapOps.withFolioSplit(FolioSplit)", "new PagemapOps(FolioSplit)")) {
      CASES.put(made, CallbackCases::folioSplit);
    }
    CASES.put("Devres.alloc(DevresRelease)", DevresCallbackCases::releases);
    for (String with : List.of("find", "remove", "destroy", "release")) {
      CASES.put("Devres.%s(DevresRelease)".formatted(with), DevresCallbackCases::releases);
      CASES.put("Devres.%s(Predicate)".formatted(with), DevresCallbackCases::matches);
    }
    CASES.put("Devres.addAction(Runnable)", DevresCallbackCases::actions);
    CASES.put("Devres.addActionOrReset(Runnable)", DevresCallbackCases::actions);
    CASES.put("Devres.releaseAction(Runnable)", DevresCallbackCases::actions);
    CASES.put("Devres.removeAction(Runnable)", DevresCallbackCases::actions);
    CASES.put("new Devres(Runnable)", DevresCallbackCases::used);
    CASES.put("PercpuRef.init(Runnable)", CallbackCases::references);
    CASES.put("PercpuRef.killAndConfirm(Runnable)", CallbackCases::references);
    CASES.put("PercpuRef.switchToAtomic(Runnable)", CallbackCases::references);
    CASES.put("ResourceSnapshot.walk(ObjIntConsumer)", CallbackCases::walks);
    CASES.put("ResourceSnapshot.walkSystemRam(Predicate)", CallbackCases::walks);
    CASES.put("ResourceSnapshot.systemRamIntersects(Reader)", CallbackCases::facts);
    CASES.put("MachineDescription.withTables(Function)", CallbackCases::tables);
    CASES.put("new Request(Supplier)", CallbackCases::requests);
    CASES.put("Reader.logs(Supplier)", CallbackCases::requests);
    CASES.put("Request.logs(Supplier)", CallbackCases::requests);
    CASES.put("IoremapPlan.refused(Function)", CallbackCases::plans);
    CASES.put("PagemapPlan.refused(Supplier)", CallbackCases::plans);
    CASES.put("RemapPlan.refused(Function)", CallbackCases::plans);
    // users' code that is not passed as a parameter
    CASES.put(LOGGER, CallbackCases::logger);
    CASES.put(GROUP_NAME, DevresCallbackCases::groups);
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

  private void folioSplit() {
    try (Machine machine =
        Machine.builder(MachineDescription.parse(DESCRIPTION)).kernel("6.19").build()) {
      machine.memremapPages(
          map(
              MemoryType.PRIVATE,
              PagemapOps.none()
                  .withPageFree(page -> {})
                  .withMigrateToRam(page -> SIGBUS)
                  .withFolioSplit((original, added) -> enter("folio_split"))));
      Page page = machine.page(PFN);
      page.zoneDeviceInit(1);
      page.folioSplit(0);
      page.put();
      machine.page(PFN + 1).put();
    }
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
    request.logs(
        () -> {
          enter("what a kernel logs");
          return List.of();
        });
    assertThat(request.kernelLog()).isEmpty();
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
        .anyMatch(line -> line.contains("live mapping"));
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
}
