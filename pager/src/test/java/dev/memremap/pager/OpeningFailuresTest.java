// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.memremap.pager.internal.state.Settings;
import dev.memremap.pager.internal.sys.FakeCalls;
import dev.memremap.pager.internal.sys.Syscalls;
import dev.memremap.pager.store.StoreLocation;
import dev.memremap.pager.toy.ToyStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** An opening in which a call fails says so, and leaves nothing. */
@NeedsUserfaultfd
@Isolated // it counts the descriptors of this JVM
class OpeningFailuresTest {
  private static final int EPERM = 1;
  private static final int ENOMEM = 12;
  private static final int EMFILE = 24;

  /** What they answer is not looked at, or they cannot fail: the opening goes on. */
  private static final Set<String> HARMLESS = Set.of("close", "munmap", "madvise", "pageSize");

  @TempDir private Path folder;

  private Settings settings(StoreLocation store) throws IOException {
    Settings made = OpenSettings.of(store, 1 << 20, 4096, RemoteMemory.resident(1 << 17));
    return new Settings(
        made.store(),
        made.bytes(),
        made.pageBytes(),
        made.residentBytes(),
        made.limit(),
        made.poisons(),
        made.keepsDirty(),
        made.folder(),
        System.getProperty("java.class.path"),
        made.workerMain(),
        made.owner());
  }

  private Settings settings() throws IOException {
    return settings(new ToyStore.Location(folder.resolve("store")));
  }

  /** Names the calls of an opening in their order, up to where the guardian has all it needs. */
  private List<String> calls() throws IOException {
    List<String> names = new ArrayList<>();
    Syscalls counting =
        new FakeCalls(
                (name, given) -> {
                  names.add(name);
                  return null;
                })
            .door();
    Settings settings = settings();
    OpenedMemory opened = OpenedMemory.open(counting, settings);
    List<String> ofOpening = List.copyOf(names);
    opened.giveBack();
    awaitEnd(settings);
    return ofOpening;
  }

  private static void awaitEnd(Settings settings) throws IOException {
    List<ProcessHandle> left = processes(settings);
    left.forEach(ProcessHandle::destroyForcibly);
    for (ProcessHandle each : left) {
      ProcessEnd.await(each);
    }
    try (Stream<Path> all =
        Files.exists(settings.folder()) ? Files.list(settings.folder()) : Stream.empty()) {
      for (Path each : all.toList()) {
        Files.delete(each);
      }
    }
    Files.deleteIfExists(settings.folder());
  }

  private static List<ProcessHandle> processes(Settings settings) {
    List<ProcessHandle> found = new ArrayList<>();
    for (ProcessHandle each : ProcessHandle.allProcesses().toList()) {
      try {
        String line = Files.readString(Path.of("/proc/%d/cmdline".formatted(each.pid())));
        if (line.contains(settings.folder().toString())) {
          found.add(each);
        }
      } catch (IOException e) {
        // it has ended
      }
    }
    return found;
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.map(OpeningFailuresTest::target)
          .filter(
              name ->
                  name.contains("memfd:remote")
                      || name.contains("userfault")
                      || name.startsWith("socket:"))
          .count();
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }

  private static void assertNothingIsLeft(Settings settings, long before, String when)
      throws IOException {
    for (ProcessHandle each : processes(settings)) {
      ProcessEnd.await(each); // it ends by itself
    }
    assertThat(descriptors()).as(when).isEqualTo(before);
    assertThat(settings.folder()).as(when).doesNotExist();
  }

  @Test
  @DisplayName("Whichever call fails, and however, is said in one sentence, and nothing is left")
  void each() throws IOException {
    List<String> calls = calls();
    assertThat(calls).contains("memfdCreate", "ftruncate", "mmap", "ioctl", "sendmsg", "bind");
    Map<String, Integer> made = new TreeMap<>();
    int tried = 0;
    for (String name : calls) {
      int which = made.merge(name, 1, Integer::sum);
      // how often it looks whether the guardian is there already differs
      if (!HARMLESS.contains(name) && !(name.equals("poll") && which > 1)) {
        fails(name, which, List.of(EMFILE, ENOMEM, EPERM).get(tried++ % 3));
      }
    }
    assertThat(tried).isGreaterThan(10);
  }

  private void fails(String name, int which, int number) throws IOException {
    String when = "%s, call %d, fails with %d".formatted(name, which, number);
    int[] made = {0};
    Syscalls calls =
        new FakeCalls(
                // from then on, so that a second way fails, too
                (function, given) -> {
                  boolean fails = function.equals(name) && ++made[0] >= which;
                  // a process that may open the device needs no system call
                  boolean isOtherWay = name.equals("syscall") && function.equals("open");
                  return fails || isOtherWay ? -number : null;
                })
            .door();
    Settings settings = settings();
    long before = descriptors();
    try {
      OpenedMemory.open(calls, settings).giveBack();
      awaitEnd(settings);
      fail(when + ", and the memory is open");
    } catch (RemoteMemoryException e) {
      assertThat(e).as(when).hasMessageMatching("remote memory of toy:[^\\n]+: [^\\n]+");
    }
    assertNothingIsLeft(settings, before, when);
  }

  @Test
  @DisplayName("A store that cannot be opened is said in its own words, and nothing is left")
  void store() throws IOException {
    for (StoreLocation store :
        List.of(
            new ToyStore.Location(folder.resolve("none/store")),
            (StoreLocation) new Elsewhere(URI.create("unheard:of")))) {
      Settings settings = settings(store);
      long before = descriptors();
      assertThatThrownBy(
              () -> OpenedMemory.open(dev.memremap.pager.internal.sys.Native.calls(), settings))
          .isInstanceOf(RemoteMemoryException.class)
          .hasMessageContainingAll(
              store.uri().toString(), store instanceof Elsewhere ? "StoreScheme" : "NoSuchFile");
      assertNothingIsLeft(settings, before, store.toString());
    }
  }

  private record Elsewhere(URI uri) implements StoreLocation {
    @Override
    public dev.memremap.pager.store.PageStore open(long pages, int pageBytes) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  @DisplayName("Settings that have no room are refused, and nothing is left")
  void settingsWithoutRoom() throws IOException {
    Settings made = settings();
    Settings large =
        new Settings(
            made.store(),
            made.bytes(),
            made.pageBytes(),
            made.residentBytes(),
            made.limit(),
            made.poisons(),
            made.keepsDirty(),
            made.folder(),
            "/x".repeat(600_000),
            made.workerMain(),
            made.owner());
    long before = descriptors();
    assertThatThrownBy(
            () -> OpenedMemory.open(dev.memremap.pager.internal.sys.Native.calls(), large))
        .hasMessageContaining("class path");
    assertNothingIsLeft(large, before, "a large class path");
  }
}
