// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.doctor;

import static dev.memremap.cli.doctor.Check.Group.HOST;

import dev.memremap.linux.LinuxHostMemory;
import dev.memremap.spi.IoReason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the memory of this computer needs: a Linux that shows it, and privileges.
 *
 * @param root the directory that holds {@code proc}, {@code sys} and {@code dev}
 */
record HostChecks(Path root) {
  private static final Pattern RESOURCE =
      Pattern.compile("^\\s*([0-9a-f]+)-([0-9a-f]+) : ", Pattern.MULTILINE);
  private static final Pattern CHOSEN = Pattern.compile("\\[(\\w+)\\]");
  private static final int MOST_CHARACTERS = 1 << 20;
  private static final String AS_ROOT = "run as root: sudo ./memremap …";

  /** All of them but the devices. */
  List<Check> files() {
    return List.of(
        privileges(), iomem(), lockdown(), devMem(), memoryTypes(), hugePages(), persistence());
  }

  Check privileges() {
    String name = "privileges";
    Optional<Capabilities> capabilities =
        text("proc/self/status").flatMap(status -> Capabilities.of(status));
    if (capabilities.isEmpty()) {
      return Check.note(
          HOST, name, "/proc/self/status does not say which capabilities this process has", "");
    }
    List<String> missing = capabilities.get().missing();
    return missing.isEmpty()
        ? Check.ok(HOST, name, "CAP_SYS_ADMIN, CAP_SYS_RAWIO and CAP_DAC_OVERRIDE")
        : Check.missing(HOST, name, "no " + String.join(", no ", missing), AS_ROOT);
  }

  Check iomem() {
    String name = "/proc/iomem";
    Optional<String> map = text("proc/iomem");
    if (map.isEmpty()) {
      return Check.missing(HOST, name, why("proc/iomem"), "use a machine file: -m FILE");
    }
    Matcher line = RESOURCE.matcher(map.get());
    int resources = 0;
    boolean shown = false;
    while (line.find()) {
      resources++;
      shown |= Pattern.compile("[1-9a-f]").matcher(line.group(2)).find();
    }
    if (resources == 0) {
      return Check.missing(HOST, name, "lists nothing", "use a machine file: -m FILE");
    }
    return shown
        ? Check.ok(HOST, name, "%d resources, with their addresses".formatted(resources))
        : Check.missing(HOST, name, "shows zeros in place of addresses", AS_ROOT);
  }

  Check lockdown() {
    String name = "kernel lockdown";
    Optional<String> modes = text("sys/kernel/security/lockdown");
    if (modes.isEmpty()) {
      return Check.ok(HOST, name, "not known here: /sys/kernel/security/lockdown is not readable");
    }
    Matcher chosen = CHOSEN.matcher(modes.get());
    String mode = chosen.find() ? chosen.group(1) : modes.get().strip();
    return mode.equals("none")
        ? Check.ok(HOST, name, "none")
        : Check.note(
            HOST,
            name,
            mode + ": /dev/mem and the BARs of PCI devices cannot be opened",
            "boot without Secure Boot, or with lockdown=none");
  }

  Check devMem() {
    String name = "/dev/mem";
    Path file = root.resolve("dev/mem");
    if (!Files.exists(file)) {
      return Check.note(
          HOST,
          name,
          "is not there: the kernel was built without DEVMEM, or this is a container; BARs, DAX"
              + " and UIO do without it",
          "");
    }
    try {
      Files.newInputStream(file).close();
      return Check.ok(HOST, name, "opens; a kernel with STRICT_DEVMEM keeps its RAM to itself");
    } catch (IOException e) {
      return Check.note(HOST, name, "does not open: " + IoReason.of(e), AS_ROOT);
    }
  }

  /** What tells the cache modes of this computer; without it they are assumed. */
  Check memoryTypes() {
    String name = "cache modes";
    List<String> unreadable = new ArrayList<>();
    for (String file : List.of("proc/mtrr", "sys/kernel/debug/x86/pat_memtype_list")) {
      if (text(file).isEmpty()) {
        unreadable.add("/%s (%s)".formatted(file, why(file)));
      }
    }
    return unreadable.isEmpty()
        ? Check.ok(HOST, name, "/proc/mtrr and pat_memtype_list tell them")
        : Check.note(
            HOST,
            name,
            "assumed in part: no " + String.join(", no ", unreadable),
            "as root: mount -t debugfs none /sys/kernel/debug");
  }

  Check hugePages() {
    String name = "huge pages";
    Optional<Long> reserved = text("proc/sys/vm/nr_hugepages").flatMap(HostChecks::number);
    if (reserved.isEmpty()) {
      return Check.note(HOST, name, "this kernel has none", "");
    }
    boolean mounted =
        text("proc/mounts").filter(mounts -> mounts.contains(" hugetlbfs ")).isPresent();
    String says =
        "%d set aside, hugetlbfs %s".formatted(reserved.get(), mounted ? "mounted" : "not mounted");
    return reserved.get() > 0 && mounted
        ? Check.ok(HOST, name, says)
        : Check.note(
            HOST, name, says, "as root: sysctl -w vm.nr_hugepages=N; mount -t hugetlbfs none DIR");
  }

  private static Check persistence() {
    return LinuxHostMemory.missingForPersistence()
        .map(
            missing ->
                Check.note(
                    HOST, "libpmem", "persistent memory cannot be written back: " + missing, ""))
        .orElseGet(() -> Check.ok(HOST, "libpmem", "persistent memory is written back by it"));
  }

  private static Optional<Long> number(String text) {
    try {
      return Optional.of(Long.parseLong(text.strip()));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** A file's text; empty where it is not there or may not be read. */
  private Optional<String> text(String file) {
    try (InputStream in = Files.newInputStream(root.resolve(file))) {
      return Optional.of(new String(in.readNBytes(MOST_CHARACTERS), StandardCharsets.UTF_8));
    } catch (IOException notThere) {
      return Optional.empty();
    }
  }

  private String why(String file) {
    try {
      Files.newInputStream(root.resolve(file)).close();
      return "it can be read now";
    } catch (IOException e) {
      return IoReason.of(e);
    }
  }
}
