// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static dev.memremap.Machines.PMEM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a machine leaves that was closed while a page map of it drained. */
@EnabledOnOs(OS.LINUX)
class CloseWhileDrainingTest {
  private static final PhysRange POOL = PhysRange.of(PMEM, 64L << 20);
  private static final long FIRST = POOL.firstPfn(4096);
  private static final Pattern FILE = Pattern.compile("memremap-[^ /]*");
  private static final int MOST_COLLECTIONS = 2_000;

  /** What holds the map when its machine closes. */
  enum Holder {
    PAGE,
    LOOKUP,
    REFERENCE_OF_THE_CALLER,
    MANAGED_BY_A_DEVICE
  }

  /** What may be left of a machine. */
  private record Left(
      Set<String> files, WeakReference<Machine> machine, WeakReference<DevPagemap> map) {}

  /** The files of simulated memory that the process has open. */
  private static Set<String> open() throws IOException {
    Set<String> names = new HashSet<>();
    try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
      for (Path link : links.toList()) {
        try {
          add(Files.readSymbolicLink(link).toString(), names);
        } catch (IOException closedSince) {
          continue;
        }
      }
    }
    return names;
  }

  /** The files of simulated memory that the process has mapped. */
  private static Set<String> mapped() throws IOException {
    Set<String> names = new HashSet<>();
    Files.readAllLines(Path.of("/proc/self/maps")).forEach(line -> add(line, names));
    return names;
  }

  private static void add(String text, Set<String> names) {
    Matcher file = FILE.matcher(text);
    if (file.find()) {
      names.add(file.group());
    }
  }

  private static boolean isAny(Set<String> files, Set<String> of) {
    return files.stream().anyMatch(of::contains);
  }

  /** Closes a machine while a map drains, and puts the last reference then. */
  private static Left closedAndDrained(Holder holder) throws IOException {
    Set<String> before = open();
    Machine machine = Machines.machine();
    PercpuRef ref = PercpuRef.init();
    DevPagemap.Builder builder = DevPagemap.over(POOL).type(MemoryType.GENERIC);
    DevPagemap map =
        holder == Holder.REFERENCE_OF_THE_CALLER ? builder.ref(ref).build() : builder.build();
    if (holder == Holder.MANAGED_BY_A_DEVICE) {
      machine.newDevice("d").memremapPages(map);
    } else {
      machine.memremapPages(map);
    }
    for (long pfn = FIRST; pfn < FIRST + POOL.sizeBytes() / 4096; pfn += 256) {
      machine.pfnToPage(pfn).poisoned(true);
    }
    Set<String> files = open();
    files.removeAll(before);
    assertThat(files).as("the memory, and the page structures").hasSizeGreaterThanOrEqualTo(2);
    Page page = machine.pfnToPage(FIRST + 1);
    switch (holder) {
      case PAGE, MANAGED_BY_A_DEVICE -> page.get();
      case LOOKUP -> assertThat(machine.getDevPagemap(FIRST, null)).isSameAs(map);
      case REFERENCE_OF_THE_CALLER -> ref.get();
    }
    page.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 7);
    machine.close();
    assertThat(map.state()).isEqualTo(DevPagemap.State.DRAINING);
    assertThat(page.segment().get(ValueLayout.JAVA_BYTE, 0)).as("D-4").isEqualTo((byte) 7);
    assertThat(isAny(files, mapped())).isTrue();
    assertThat(isAny(files, open())).as("files are needed for new mappings alone").isFalse();
    switch (holder) {
      case PAGE, MANAGED_BY_A_DEVICE -> page.put();
      case LOOKUP -> map.put();
      case REFERENCE_OF_THE_CALLER -> {
        ref.put();
        ref.exit();
      }
    }
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    assertThat(machine.maps().table().maps()).isEmpty();
    return new Left(files, new WeakReference<>(machine), new WeakReference<>(map));
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "D-4 a machine closed while a map drains leaves nothing once the last holder is gone")
  void nothingIsLeft(Holder holder) throws IOException, InterruptedException {
    assumeTrue(Files.isReadable(Path.of("/proc/self/maps")), "skipped: no /proc on this system");
    Left left = closedAndDrained(holder);
    // page structures stay mapped for late views of pages, until no view of them can be reached
    for (int i = 0; i < MOST_COLLECTIONS && isAny(left.files, mapped()); i++) {
      System.gc();
      Thread.sleep(5);
    }
    assertThat(List.of(left.machine.refersTo(null), left.map.refersTo(null)))
        .as("the machine and the map are garbage")
        .containsOnly(true);
    assertThat(isAny(left.files, mapped())).as("files mapped").isFalse();
    assertThat(isAny(left.files, open())).as("files open").isFalse();
  }
}
